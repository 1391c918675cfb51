//! From a name to addresses.

use std::future::Future;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;

/// Addresses, once they are known.
type Lookup<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Looks names up.
pub trait Resolve: Send + Sync {
    /// Returns every address of a name.
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a>;
}

/// Lookups that run at once. One that is given up goes on in its thread for as long as the system takes; more threads would
/// take those that the rest of the host works on.
const LOOKUPS: usize = 16;

/// The machine's own lookup: its hosts file, then its name servers.
#[derive(Debug, Clone)]
pub struct SystemResolver {
    turns: Arc<Semaphore>,
    /// Asks the system, and waits for it.
    ask: fn(&str) -> io::Result<Vec<IpAddr>>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(LOOKUPS)),
            ask: |name| {
                Ok((name, 0)
                    .to_socket_addrs()?
                    .map(|found| found.ip())
                    .collect())
            },
        }
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            let turn = self.turns.clone().acquire_owned().await;
            let turn = turn.map_err(io::Error::other)?;
            let (name, ask) = (name.to_owned(), self.ask);
            let looked = tokio::task::spawn_blocking(move || {
                // Given back when the system has answered, whoever still waits for it.
                let _turn = turn;
                let mut addresses: Vec<IpAddr> = Vec::new();
                for found in ask(&name)? {
                    if !addresses.contains(&found) {
                        addresses.push(found);
                    }
                }
                Ok(addresses)
            });
            looked.await.map_err(io::Error::other)?
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    use super::*;

    /// Lookups that the system was asked for, and whether it answers.
    static ASKED: Mutex<(usize, bool)> = Mutex::new((0, false));
    static CHANGED: Condvar = Condvar::new();

    #[expect(clippy::unnecessary_wraps, reason = "the shape of the system's call")]
    fn ask(_: &str) -> io::Result<Vec<IpAddr>> {
        let mut asked = ASKED.lock().unwrap();
        asked.0 += 1;
        CHANGED.notify_all();
        drop(CHANGED.wait_while(asked, |asked| !asked.1).unwrap());
        Ok(vec![[1, 1, 1, 1].into(), [1, 1, 1, 1].into()])
    }

    #[tokio::test]
    async fn no_more_than_sixteen_names_are_looked_up_at_once_though_nobody_waits_for_them() {
        let resolver = SystemResolver {
            ask,
            ..SystemResolver::default()
        };
        let begin = || {
            let resolver = resolver.clone();
            tokio::spawn(async move { resolver.resolve("a.example.com").await })
        };
        let given_up: Vec<_> = (0..LOOKUPS).map(|_| begin()).collect();
        let all_asked = tokio::task::spawn_blocking(|| {
            let asked = ASKED.lock().unwrap();
            drop(
                CHANGED
                    .wait_while(asked, |asked| asked.0 < LOOKUPS)
                    .unwrap(),
            );
        });
        all_asked.await.unwrap();
        for lookup in &given_up {
            lookup.abort();
        }
        let waiting: Vec<_> = (0..LOOKUPS).map(|_| begin()).collect();
        // All of them come to where they wait for a turn.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(resolver.turns.available_permits(), 0);
        assert_eq!(ASKED.lock().unwrap().0, LOOKUPS);
        ASKED.lock().unwrap().1 = true;
        CHANGED.notify_all();
        for lookup in waiting {
            let found = lookup.await.unwrap().unwrap();
            assert_eq!(found, [IpAddr::from([1, 1, 1, 1])], "each address once");
        }
        assert_eq!(ASKED.lock().unwrap().0, 2 * LOOKUPS);
        // Those given up may still be at their last step: every turn comes back, not all of them yet.
        for _ in 0..LOOKUPS {
            let turn = resolver.turns.acquire();
            let turn = tokio::time::timeout(Duration::from_mins(1), turn).await;
            turn.expect("a turn is given back").unwrap().forget();
        }
    }
}
