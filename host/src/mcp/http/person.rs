//! Whoever was proven, with whichever scopes: how often they may call, and how much they have open, counts for all of these.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::rate::Bucket;
use crate::model::Rate;

/// Requests of one person that may be open at once.
const OPEN: usize = 128;

/// Sets of scopes that one person may call with at once: each is a caller of its own.
const SETS: usize = 16;

/// A person, or everybody on this machine where nothing is asked for.
pub(super) struct Person {
    /// How often they may still call.
    pub(super) bucket: Bucket,
    /// What they have open.
    pub(super) open: Arc<Semaphore>,
    sets: AtomicUsize,
}

/// A set of scopes that a person calls with.
pub(super) struct Place(Arc<Person>);

impl Person {
    /// Makes somebody who has not called yet.
    pub(super) fn new(rate: Rate) -> Arc<Self> {
        Arc::new(Self {
            bucket: Bucket::new(rate),
            open: Arc::new(Semaphore::new(OPEN)),
            sets: AtomicUsize::new(0),
        })
    }

    /// Takes a place for a set of scopes; none where there are too many.
    pub(super) fn place(self: &Arc<Self>) -> Option<Place> {
        let more = |sets| (sets < SETS).then_some(sets + 1);
        let taken = self
            .sets
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.is_ok().then(|| Place(self.clone()))
    }
}

impl Person {
    /// Tells whether so many sets of scopes are kept for them that those without a call give way.
    pub(super) fn is_crowded(&self) -> bool {
        self.sets.load(Ordering::Relaxed) > SETS / 2
    }
}

impl std::ops::Deref for Place {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.sets.fetch_sub(1, Ordering::Relaxed);
    }
}
