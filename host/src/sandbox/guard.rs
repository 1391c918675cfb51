//! A guest's future, watched: its processor time, its deadline, its cancellation.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::error::RunError;
use super::gate::Place;
use crate::model::{ClientLink, LimitName, LimitOrigin};

/// A guest that has used more processor time than this takes turns with the others of its kind. Longer lets more quick work
/// pass unhindered, and lets a crowd of new heavy guests hold everybody up for longer.
const HEAVY: Duration = Duration::from_millis(2);

/// What a guest is watched by.
pub(super) struct Watch<'a> {
    pub(super) account: &'a Account,
    pub(super) cancel: &'a CancellationToken,
    /// Whose answers the guest may wait for; that time is not its own. None where nobody is asked.
    pub(super) client: Option<&'a ClientLink>,
    /// None for a guest that runs inside its caller's turn.
    pub(super) place: Option<Place>,
}

/// Runs a guest's future until it ends, its time is up, or its caller gives up. Dropping the future ends the guest wherever
/// it is: in a loop (at its next tick), in a host call, or before the gate.
pub(super) async fn guard<T>(
    mut watch: Watch<'_>,
    guest: impl Future<Output = Result<T, RunError>>,
) -> Result<T, RunError> {
    if watch.cancel.is_cancelled() {
        return Err(RunError::Cancelled);
    }
    let started = Instant::now();
    let mut guest = Metered {
        guest: pin!(guest),
        account: watch.account,
        spent: Duration::ZERO,
        heavy: watch
            .place
            .as_ref()
            .is_some_and(|place| place.habit().is_heavy()),
        place: watch.place.take(),
    };
    // Most calls are answered at their first poll: no timer is set and no waker kept for them.
    let first = if guest.heavy {
        Poll::Pending
    } else {
        poll_fn(|context| Poll::Ready(guest.poll_once(started, context))).await
    };
    let done = match first {
        Poll::Ready(done) => done,
        Poll::Pending => tokio::select! {
            biased;
            () = watch.cancel.cancelled() => Err(RunError::Cancelled),
            () = time_is_up(started, &watch) => Err(out_of_time(watch.account)),
            done = poll_fn(|context| guest.poll(context)) => done,
        },
    };
    guest.leave();
    // A guest that went on after a limit that ends the call has not gone far, and its answer does not count.
    match (done, watch.account.ended()) {
        (Ok(_), Some(breach)) => Err(RunError::Limit(breach)),
        (done, _) => done,
    }
}

/// How soon a guest's time is looked at again while it waits for an answer, at the soonest.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until a guest's time is up, but for what it waited for answers.
async fn time_is_up(started: Instant, watch: &Watch<'_>) {
    let waited = || watch.client.map_or(Duration::ZERO, ClientLink::waited);
    let before = waited();
    let mut soonest = Duration::ZERO;
    loop {
        let spent = started
            .elapsed()
            .saturating_sub(waited().saturating_sub(before));
        match watch.account.limits().time().checked_sub(spent) {
            None | Some(Duration::ZERO) => return,
            Some(left) => tokio::time::sleep(left.max(soonest)).await,
        }
        soonest = LOOK;
    }
}

fn out_of_time(account: &Account) -> RunError {
    let breach = account.limits().breach(LimitName::Time);
    if breach.origin == LimitOrigin::Caller {
        RunError::Deadline {
            time_ms: breach.value,
        }
    } else {
        RunError::Limit(breach)
    }
}

/// A guest whose processor time is counted.
struct Metered<'a, F> {
    guest: Pin<&'a mut F>,
    account: &'a Account,
    spent: Duration,
    /// It has used much, or its plugin's last calls did.
    heavy: bool,
    place: Option<Place>,
}

impl<T, F: Future<Output = Result<T, RunError>>> Metered<'_, F> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, RunError>> {
        if !self.heavy {
            return self.poll_once(Instant::now(), context);
        }
        let _turn = match &mut self.place {
            Some(place) => Some(ready!(place.poll_turn(context))),
            None => None,
        };
        let before = processor_time(ClockId::ThreadCPUTime);
        let polled = self.guest.as_mut().poll(context);
        self.spend(
            processor_time(ClockId::ThreadCPUTime).saturating_sub(before),
            polled,
        )
    }

    /// Polls a guest that was light so far. The wall clock is read in place of the thread's own, which costs ten times as
    /// much: it says no less than was used, and while it is read, the difference is small.
    fn poll_once(&mut self, now: Instant, context: &mut Context<'_>) -> Poll<Result<T, RunError>> {
        let polled = self.guest.as_mut().poll(context);
        self.spend(now.elapsed(), polled)
    }

    fn spend(
        &mut self,
        time: Duration,
        polled: Poll<Result<T, RunError>>,
    ) -> Poll<Result<T, RunError>> {
        let before = self.spent;
        self.spent += time;
        if before < HEAVY && self.spent >= HEAVY {
            self.heavy = true;
            if let Some(place) = &self.place {
                place.habit().was_heavy();
            }
        }
        // Counted in microseconds from the sum, so that many short polls are not each rounded to nothing.
        let spent = u64::try_from(self.spent.as_micros()).unwrap_or(u64::MAX);
        let over = self.account.level(LimitName::Cpu, spent);
        match polled {
            Poll::Pending if over => {
                Poll::Ready(Err(RunError::Limit(self.account.end(LimitName::Cpu))))
            }
            polled => polled,
        }
    }

    /// Remembers that the guest has used little, if it had a turn at all: one that used much was remembered at once.
    fn leave(&self) {
        let light = !self.spent.is_zero() && self.spent < HEAVY;
        if let Some(place) = self.place.as_ref().filter(|_| light) {
            place.habit().was_light();
        }
    }
}

/// Returns the processor time that a clock of this thread, or of this process, shows.
pub(super) fn processor_time(of: ClockId) -> Duration {
    let time = clock_gettime(of);
    // The clock is never before its own beginning.
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::model::Limits;

    use crate::sandbox::gate::{Gate, Habit};

    /// Watches a guest that works for so long at each poll, and cancels it once it had many turns; returns how many it took.
    async fn polls_of(place: Option<Place>, work: Duration) -> u32 {
        let (account, cancel) = (Account::new(&Limits::DEFAULT), CancellationToken::new());
        let polls = AtomicU32::new(0);
        let guest = poll_fn(|context| {
            polls.fetch_add(1, Ordering::Relaxed);
            let started = Instant::now();
            while started.elapsed() < work {}
            context.waker().wake_by_ref();
            Poll::<Result<(), RunError>>::Pending
        });
        let watch = Watch {
            account: &account,
            cancel: &cancel,
            client: None,
            place,
        };
        let later = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let (done, ()) = tokio::join!(guard(watch, guest), later);
        assert_eq!(done, Err(RunError::Cancelled));
        polls.into_inner()
    }

    #[tokio::test]
    async fn a_heavy_guest_waits_for_its_turn_and_is_cancelled_without_one() {
        let (gate, held) = Gate::held().await;
        let place = || Some(Place::before(gate.clone(), Habit::default()));
        assert_eq!(polls_of(place(), HEAVY).await, 1);
        drop(held);
        assert!(polls_of(place(), HEAVY).await > 2);
    }

    #[tokio::test]
    async fn a_light_guest_and_one_on_its_callers_turn_do_not_wait() {
        let (gate, _held) = Gate::held().await;
        let place = Place::before(gate, Habit::default());
        assert!(polls_of(Some(place), Duration::ZERO).await > 2);
        assert!(polls_of(None, HEAVY).await > 2);
    }

    #[tokio::test]
    async fn a_guest_of_a_heavy_plugin_waits_from_its_beginning_until_its_calls_are_light_again() {
        let (gate, _held) = Gate::held().await;
        let habit = Habit::default();
        let place = || Some(Place::before(gate.clone(), habit.clone()));
        assert_eq!(polls_of(place(), HEAVY).await, 1);
        assert_eq!(polls_of(place(), Duration::ZERO).await, 0);
        while habit.is_heavy() {
            habit.was_light();
        }
        assert!(polls_of(place(), Duration::ZERO).await > 2);
    }
}
