//! How many tasks run at once, of one caller and of all: each holds an instance and its turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tasks of one caller that run at once.
const MOST_OF_ONE: usize = 32;

/// Tasks that run at once.
const MOST: usize = 96;

/// How many tasks each caller runs.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, usize>>>);

impl Turns {
    /// Takes a turn, where there is one left for a caller.
    pub(super) fn take(&self, caller: &str) -> Option<Turn> {
        let mut running = self.lock();
        let all: usize = running.values().sum();
        let of_one = running.get(caller).copied().unwrap_or_default();
        if all >= MOST || of_one >= MOST_OF_ONE {
            return None;
        }
        running.insert(caller.to_owned(), of_one + 1);
        drop(running);
        Some(Turn {
            turns: self.clone(),
            caller: caller.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn, which ends where it is dropped.
pub(super) struct Turn {
    turns: Turns,
    caller: String,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self.turns.lock();
        if let Some(of_one) = running.get_mut(&self.caller) {
            *of_one -= 1;
            if *of_one == 0 {
                running.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_its_turns_and_all_together_have_no_more_than_the_host() {
        let turns = Turns::default();
        let of_one: Vec<_> = (0..MOST_OF_ONE).map_while(|_| turns.take("a")).collect();
        assert_eq!(of_one.len(), MOST_OF_ONE);
        assert!(turns.take("a").is_none());
        let others: Vec<_> = (0..MOST)
            .map_while(|caller| turns.take(&caller.to_string()))
            .collect();
        assert_eq!(others.len(), MOST - MOST_OF_ONE);
        drop(of_one);
        assert!(turns.take("a").is_some());
        drop(others);
        assert!(turns.lock().is_empty());
    }
}
