//! Places that callers share: how many each has, and all together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places, of which each caller has its own and nobody has all.
#[derive(Clone)]
pub(super) struct Shares {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    of_one: usize,
    of_all: usize,
}

impl Shares {
    /// Makes so many places for each caller, and so many for all together.
    pub(super) fn new(of_one: usize, of_all: usize) -> Self {
        Self {
            taken: Arc::default(),
            of_one,
            of_all,
        }
    }

    /// Takes a place, where there is one left for a caller.
    pub(super) fn take(&self, caller: &str) -> Option<Share> {
        let mut taken = self.lock();
        let all: usize = taken.values().sum();
        let of_one = taken.get(caller).copied().unwrap_or_default();
        if all >= self.of_all || of_one >= self.of_one {
            return None;
        }
        taken.insert(caller.to_owned(), of_one + 1);
        drop(taken);
        Some(Share {
            shares: self.clone(),
            caller: caller.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place, which is free again where it is dropped.
pub(super) struct Share {
    shares: Shares,
    caller: String,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.lock();
        if let Some(of_one) = taken.get_mut(&self.caller) {
            *of_one -= 1;
            if *of_one == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_its_places_and_all_together_have_no_more_than_the_host() {
        let shares = Shares::new(32, 96);
        let of_one: Vec<_> = (0..33).map_while(|_| shares.take("a")).collect();
        assert_eq!(of_one.len(), 32);
        let others: Vec<_> = (0..96)
            .map_while(|caller| shares.take(&caller.to_string()))
            .collect();
        assert_eq!(others.len(), 96 - 32);
        drop(of_one);
        assert!(shares.take("a").is_some());
        drop(others);
        assert!(shares.lock().is_empty());
    }
}
