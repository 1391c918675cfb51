//! Which guests may use the processors: those that have used much of them take turns, and leave one free.

use std::num::NonZero;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::Semaphore;
use tokio_util::sync::PollSemaphore;

/// Returns how many threads a runtime needs for the gate to keep its promise: one for each processor, and one more that no
/// heavy guest can be on.
pub fn worker_threads() -> usize {
    processors() + 1
}

/// Returns how many processors this process may use.
pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Lets a few heavy guests run at once; the others wait where a cancelled one can be dropped without a turn.
#[derive(Clone)]
pub(super) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(super) fn new() -> Self {
        // One processor is left to calls that ask for little, to timers and to the protocol.
        Self(Arc::new(Semaphore::new(
            processors().saturating_sub(1).max(1),
        )))
    }
}

#[cfg(test)]
impl Gate {
    /// Returns a gate whose only turn is taken for as long as the other is there.
    pub(super) async fn held() -> (Self, Option<tokio::sync::OwnedSemaphorePermit>) {
        let turns = Arc::new(Semaphore::new(1));
        let held = turns.clone().acquire_owned().await.ok();
        (Self(turns), held)
    }
}

/// A guest's place before the gate.
pub(super) struct Place {
    gate: Option<Gate>,
    waiting: Option<PollSemaphore>,
}

impl Place {
    /// Takes a place; none is for a guest that runs on its caller's turn.
    pub(super) const fn before(gate: Option<Gate>) -> Self {
        Self {
            gate,
            waiting: None,
        }
    }

    /// Waits for a turn, which ends when what is returned is dropped.
    pub(super) fn poll_turn(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<tokio::sync::OwnedSemaphorePermit>> {
        let Some(Gate(gate)) = &self.gate else {
            return Poll::Ready(None);
        };
        let waiting = self
            .waiting
            .get_or_insert_with(|| PollSemaphore::new(gate.clone()));
        Poll::Ready(ready!(waiting.poll_acquire(context)))
    }
}
