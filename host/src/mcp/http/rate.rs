//! How often one caller may call: a bucket of tokens that fills up with time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Rate;

/// What a caller may still do.
pub(super) struct Bucket {
    rate: Rate,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// Makes a full one.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            state: Mutex::new((f64::from(rate.burst), Instant::now())),
            rate,
        }
    }

    /// Takes one; if there is none, says when there will be.
    pub(super) fn take(&self) -> Result<(), Duration> {
        self.take_at(Instant::now())
    }

    /// Tells whether nothing was taken for so long that it is as if new.
    pub(super) fn is_full(&self) -> bool {
        let (left, since) = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let per_second = f64::from(self.rate.per_second.max(1));
        let passed = since.elapsed().as_secs_f64();
        passed.mul_add(per_second, left) >= f64::from(self.rate.burst.max(1))
    }

    fn take_at(&self, now: Instant) -> Result<(), Duration> {
        let per_second = f64::from(self.rate.per_second.max(1));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, since) = *state;
        let passed = now.saturating_duration_since(since).as_secs_f64();
        let left = passed
            .mul_add(per_second, left)
            .min(f64::from(self.rate.burst.max(1)));
        if left < 1.0 {
            *state = (left, now);
            return Err(Duration::from_secs_f64((1.0 - left) / per_second));
        }
        *state = (left - 1.0, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_burst_and_fills_up_with_time() {
        let rate = Rate {
            per_second: 2,
            burst: 3,
        };
        let bucket = Bucket::new(rate);
        let now = Instant::now();
        for _ in 0..3 {
            assert!(bucket.take_at(now).is_ok());
        }
        assert!(bucket.take_at(now).is_err());
        let later = now + Duration::from_millis(600);
        assert!(bucket.take_at(later).is_ok());
        assert!(bucket.take_at(later).is_err());
    }
}
