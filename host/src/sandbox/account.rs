//! The account of one call: what it took of each limit, and which one it reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use crate::model::{Breach, LimitName, Limits, Usage};

const NONE: u8 = u8::MAX;

/// Counts what a call takes. Cheap to clone, so that whatever works for the call counts against the same limits, and is
/// still there to be read when the guest is gone.
///
/// A limit is reached in one of two ways. [`count`](Self::count) *ends the call*: the guest is stopped at its next step into
/// the host, and whatever it answers, the call fails. [`fits`](Self::fits) *refuses*: the guest sees that it gets no more, and
/// may answer all the same; if it fails of it in its own way, the call says which limit it was.
#[derive(Debug, Clone)]
pub(super) struct Account(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    limits: Limits,
    counts: [AtomicU64; LimitName::ALL.len()],
    ended: AtomicU8,
    refused: AtomicU8,
}

impl Account {
    /// Opens an account.
    pub(super) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Counters {
            limits: *limits,
            counts: [const { AtomicU64::new(0) }; LimitName::ALL.len()],
            ended: AtomicU8::new(NONE),
            refused: AtomicU8::new(NONE),
        }))
    }

    /// Returns the limits.
    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Counts bytes, microseconds or things; over the limit, the call is over.
    pub(super) fn count(&self, name: LimitName, more: u64) -> Result<(), Breach> {
        let before = self.0.counts[name as usize].fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > self.0.limits.most(name) {
            return Err(self.end(name));
        }
        Ok(())
    }

    /// Counts a call of the guest into the host, and ends it there if a limit was reached meanwhile.
    pub(super) fn enter_host(&self) -> Result<(), Breach> {
        // Only the guest's own task comes here, so that the dearer addition is not needed.
        let count = &self.0.counts[LimitName::HostCalls as usize];
        let calls = count.load(Ordering::Relaxed) + 1;
        count.store(calls, Ordering::Relaxed);
        if calls > self.0.limits.get(LimitName::HostCalls) {
            return Err(self.end(LimitName::HostCalls));
        }
        self.ended().map_or(Ok(()), Err)
    }

    /// Notes how much is in use; false, and noted, if that is over the limit.
    pub(super) fn fits(&self, name: LimitName, used: u64) -> bool {
        if used > self.0.limits.most(name) {
            self.refuse(name);
            return false;
        }
        self.0.counts[name as usize].fetch_max(used, Ordering::Relaxed);
        true
    }

    /// Notes how much was used in all, and tells whether that is over the limit.
    pub(super) fn level(&self, name: LimitName, used: u64) -> bool {
        self.0.counts[name as usize].store(used, Ordering::Relaxed);
        used > self.0.limits.most(name)
    }

    /// Notes that a limit was reached which ends the call, and returns what is said of it.
    pub(super) fn end(&self, name: LimitName) -> Breach {
        first(&self.0.ended, name);
        self.0.limits.breach(name)
    }

    /// Notes that the guest was refused something for a limit.
    pub(super) fn refuse(&self, name: LimitName) {
        first(&self.0.refused, name);
    }

    /// Returns the limit that ended the call, if one did.
    pub(super) fn ended(&self) -> Option<Breach> {
        self.read(&self.0.ended)
    }

    /// Returns the first limit that the guest was refused something for, if one was.
    pub(super) fn refused(&self) -> Option<Breach> {
        self.read(&self.0.refused)
    }

    fn read(&self, noted: &AtomicU8) -> Option<Breach> {
        let name = LimitName::ALL.get(usize::from(noted.load(Ordering::Relaxed)))?;
        Some(self.0.limits.breach(*name))
    }

    /// Notes how long the call took.
    pub(super) fn took(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.level(LimitName::Time, time);
    }

    /// Returns what was counted; what the workspace counts is the caller's to add.
    pub(super) fn usage(&self) -> Usage {
        let counted = |name: LimitName| self.0.counts[name as usize].load(Ordering::Relaxed);
        Usage {
            time_us: counted(LimitName::Time),
            cpu_us: counted(LimitName::Cpu),
            memory: counted(LimitName::Memory),
            table_elements: counted(LimitName::Tables),
            host_calls: counted(LimitName::HostCalls),
            log_lines: counted(LimitName::LogLines),
            log_bytes: counted(LimitName::LogBytes),
            result_bytes: counted(LimitName::Result),
            http_requests: counted(LimitName::HttpRequests),
            http_in: counted(LimitName::HttpIn),
            http_out: counted(LimitName::HttpOut),
            ..Usage::default()
        }
    }
}

/// Notes the first of several: the others are its consequences.
fn first(noted: &AtomicU8, name: LimitName) {
    // Two at the same time are both reached: either may be named.
    if noted.load(Ordering::Relaxed) == NONE {
        noted.store(name as u8, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LimitOrigin;

    #[test]
    fn the_first_limit_reached_is_the_one_that_is_named() {
        let limits = Limits::DEFAULT
            .with(LimitName::LogLines, 1, LimitOrigin::Plugin)
            .with(LimitName::HttpIn, 1, LimitOrigin::Person);
        let account = Account::new(&limits);
        assert_eq!(account.count(LimitName::LogLines, 1), Ok(()));
        assert_eq!(account.count(LimitName::HttpIn, 1024), Ok(()));
        let breach = account.count(LimitName::HttpIn, 1).unwrap_err();
        assert_eq!((breach.value, breach.origin), (1, LimitOrigin::Person));
        assert!(account.count(LimitName::LogLines, 1).is_err());
        assert_eq!(account.ended(), Some(breach));
        assert_eq!(account.enter_host(), Err(breach));
        assert_eq!(account.usage().http_in, 1025);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_not_counted() {
        let limits = Limits::DEFAULT.with(LimitName::Memory, 1, LimitOrigin::Plugin);
        let account = Account::new(&limits);
        assert!(account.fits(LimitName::Memory, 1 << 20));
        assert!(!account.fits(LimitName::Memory, (1 << 20) + 1));
        assert_eq!(account.refused().map(|breach| breach.value), Some(1));
        assert_eq!(account.ended(), None);
        assert_eq!(account.usage().memory, 1 << 20);
    }
}
