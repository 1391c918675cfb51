//! Connections on which nobody was let in yet: bounded, so that they keep nobody else out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// So many connections may be open on which nobody was let in. One more closes the oldest of them, so that whoever knocks has
/// time enough to say who they are.
const STRANGERS: usize = 128;

/// How long nobody may be let in on a connection.
const PATIENCE: Duration = Duration::from_secs(15);

/// Those that wait.
#[derive(Default)]
pub(super) struct Strangers {
    waiting: Mutex<VecDeque<(u64, CancellationToken)>>,
    last: AtomicU64,
}

/// One connection.
pub(super) struct Stranger {
    strangers: Arc<Strangers>,
    number: u64,
    /// Cancelled where it has to go.
    go: CancellationToken,
    /// Cancelled once somebody was let in.
    known: CancellationToken,
}

impl Strangers {
    /// Begins with a connection.
    pub(super) fn knock(self: &Arc<Self>) -> Stranger {
        let go = CancellationToken::new();
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.lock();
        waiting.push_back((number, go.clone()));
        if waiting.len() > STRANGERS
            && let Some((_, oldest)) = waiting.pop_front()
        {
            oldest.cancel();
        }
        Stranger {
            strangers: self.clone(),
            number,
            go,
            known: CancellationToken::new(),
        }
    }

    fn forget(&self, number: u64) {
        self.lock().retain(|(other, _)| *other != number);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, CancellationToken)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stranger {
    /// Somebody was let in.
    pub(super) fn let_in(&self) {
        if !self.known.is_cancelled() {
            self.known.cancel();
            self.strangers.forget(self.number);
        }
    }

    /// Waits until the connection has to go; for ever, once somebody was let in.
    pub(super) async fn has_to_go(&self) {
        tokio::select! {
            () = self.known.cancelled() => std::future::pending().await,
            () = self.go.cancelled() => {}
            () = tokio::time::sleep(PATIENCE) => {}
        }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.strangers.forget(self.number);
    }
}
