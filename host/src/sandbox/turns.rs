//! How many calls run at once, of all plugins and of one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::engine::{CALLS, WAITING};
use super::gate::Habit;
use crate::model::{PluginName, Yielding};

/// Gives calls their turns: first among those of the same plugin, so that a crowd of one plugin's holds up nobody else's.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// Places beside the turns, for calls that wait for an answer.
    beside: Arc<Semaphore>,
    plugins: Mutex<HashMap<PluginName, Share>>,
}

#[derive(Clone)]
struct Share {
    most: usize,
    turns: Arc<Semaphore>,
    habit: Habit,
}

/// A call's turn; the next one's begins when it is dropped, or while the call waits for an answer.
pub(super) struct Turn {
    /// How the plugin's calls were lately.
    pub(super) habit: Habit,
    own: Arc<Semaphore>,
    all: Arc<Semaphore>,
    beside: Arc<Semaphore>,
    holds: Mutex<Holds>,
}

enum Holds {
    /// A turn: one of the plugin's, and one of all.
    Turn {
        _own: Option<OwnedSemaphorePermit>,
        _all: Option<OwnedSemaphorePermit>,
    },
    /// A place beside the turns.
    Beside { _place: OwnedSemaphorePermit },
}

impl Turn {
    fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Yielding for Turn {
    /// Takes a place beside the turns, so that another call has this one's. Where none is left, the turn is kept.
    fn leave(&self) {
        let mut holds = self.holds();
        if let (Holds::Turn { .. }, Ok(place)) = (&*holds, self.beside.clone().try_acquire_owned())
        {
            *holds = Holds::Beside { _place: place };
        }
    }

    /// Takes a turn again where one is free. Else the call goes on in its place: to wait for a turn could be to wait for a call
    /// that waits for the instance that this one has.
    fn come_back(&self) {
        let mut holds = self.holds();
        if let (Holds::Beside { .. }, Ok(own), Ok(all)) = (
            &*holds,
            self.own.clone().try_acquire_owned(),
            self.all.clone().try_acquire_owned(),
        ) {
            *holds = Holds::Turn {
                _own: Some(own),
                _all: Some(all),
            };
        }
    }
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(CALLS as usize)),
            beside: Arc::new(Semaphore::new(WAITING as usize)),
            plugins: Mutex::default(),
        }
    }

    /// Waits for a turn of a plugin that may have so many at once.
    pub(super) async fn take(&self, plugin: &PluginName, most: usize) -> Arc<Turn> {
        let share = self.share(plugin, most);
        // Neither is ever closed, so that there is always a permit.
        let own = share.turns.clone().acquire_owned().await.ok();
        let all = self.all.clone().acquire_owned().await.ok();
        Arc::new(Turn {
            habit: share.habit,
            own: share.turns,
            all: self.all.clone(),
            beside: self.beside.clone(),
            holds: Mutex::new(Holds::Turn {
                _own: own,
                _all: all,
            }),
        })
    }

    /// Returns how a plugin's calls were lately, for what is asked of it beside its calls.
    pub(super) fn habit(&self, plugin: &PluginName, most: usize) -> Habit {
        self.share(plugin, most).habit
    }

    fn share(&self, plugin: &PluginName, most: usize) -> Share {
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        let known = plugins.get(plugin);
        if let Some(share) = known.filter(|share| share.most == most) {
            return share.clone();
        }
        // None yet, or the limit was changed: calls that run go on in the old one.
        let share = Share {
            most,
            turns: Arc::new(Semaphore::new(most)),
            habit: known.map(|share| share.habit.clone()).unwrap_or_default(),
        };
        plugins.insert(plugin.clone(), share.clone());
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_is_anothers_while_its_call_waits_for_an_answer() {
        let turns = Turns::new();
        let plugin: PluginName = "asks".parse().unwrap();
        let first = turns.take(&plugin, 1).await;
        first.leave();
        let second = turns.take(&plugin, 1).await;
        assert_eq!(turns.all.available_permits(), CALLS as usize - 1);
        // It goes on all the same, in the place that it has.
        first.come_back();
        assert_eq!(turns.beside.available_permits(), WAITING as usize - 1);
        drop(second);
        first.leave();
        first.come_back();
        assert_eq!(turns.beside.available_permits(), WAITING as usize);
        assert_eq!(turns.all.available_permits(), CALLS as usize - 1);
        drop(first);
        assert_eq!(turns.all.available_permits(), CALLS as usize);
    }
}
