//! Which guests may use the processors: those that have used much of them take turns, and leave one free.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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

    /// Waits for a turn at work that is known to be heavy and is not a guest's.
    pub(super) async fn turn(&self) -> HeavyTurn {
        // The gate is never closed, so that there is always a permit.
        HeavyTurn {
            _permit: self.0.clone().acquire_owned().await.ok(),
        }
    }
}

#[cfg(test)]
impl Gate {
    /// Returns a gate whose only turn is taken for as long as the other is there.
    pub(super) async fn held() -> (Self, HeavyTurn) {
        let gate = Self(Arc::new(Semaphore::new(1)));
        let held = gate.turn().await;
        (gate, held)
    }
}

/// A turn at heavy work; the next one's begins when it is dropped.
pub struct HeavyTurn {
    _permit: Option<OwnedSemaphorePermit>,
}

/// How many calls in a row have to be light until a plugin's next one is taken for light again.
const REMEMBERED: u8 = 8;

/// Whether a plugin's calls are heavy. Each call of one that is would otherwise be light at its beginning, on any thread: a
/// plugin that is called again and again, or many times at once, would never wait for its turn.
#[derive(Clone, Default)]
pub(super) struct Habit(Arc<AtomicU8>);

impl Habit {
    pub(super) fn is_heavy(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Notes that a call has become heavy.
    pub(super) fn was_heavy(&self) {
        self.0.store(REMEMBERED, Ordering::Relaxed);
    }

    /// Notes that a call has ended light.
    pub(super) fn was_light(&self) {
        let calls = self.0.load(Ordering::Relaxed);
        if calls > 0 {
            // Of two at the same time one may not be counted, which makes nothing worse.
            self.0.store(calls - 1, Ordering::Relaxed);
        }
    }
}

/// A guest's place before the gate.
pub(super) struct Place {
    gate: Gate,
    habit: Habit,
    waiting: Option<PollSemaphore>,
}

impl Place {
    /// Takes a place for a guest of a plugin with such a habit.
    pub(super) const fn before(gate: Gate, habit: Habit) -> Self {
        Self {
            gate,
            habit,
            waiting: None,
        }
    }

    pub(super) const fn habit(&self) -> &Habit {
        &self.habit
    }

    /// Waits for a turn, which ends when what is returned is dropped.
    pub(super) fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<HeavyTurn> {
        let waiting = self
            .waiting
            .get_or_insert_with(|| PollSemaphore::new(self.gate.0.clone()));
        let permit = ready!(waiting.poll_acquire(context));
        Poll::Ready(HeavyTurn { _permit: permit })
    }
}
