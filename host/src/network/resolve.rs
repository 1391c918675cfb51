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
pub struct SystemResolver(Arc<Semaphore>);

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOKUPS)))
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            let turn = self.0.clone().acquire_owned().await;
            let turn = turn.map_err(io::Error::other)?;
            let name = name.to_owned();
            let looked = tokio::task::spawn_blocking(move || {
                // Given back when the system has answered, whoever still waits for it.
                let _turn = turn;
                let found = (name.as_str(), 0).to_socket_addrs()?;
                let mut addresses: Vec<IpAddr> = Vec::new();
                for found in found {
                    if !addresses.contains(&found.ip()) {
                        addresses.push(found.ip());
                    }
                }
                Ok(addresses)
            });
            looked.await.map_err(io::Error::other)?
        })
    }
}
