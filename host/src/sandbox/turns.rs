//! How many calls run at once, of all plugins and of one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::engine::CALLS;
use super::gate::Habit;
use crate::model::PluginName;

/// Gives calls their turns: first among those of the same plugin, so that a crowd of one plugin's holds up nobody else's.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    plugins: Mutex<HashMap<PluginName, Share>>,
}

#[derive(Clone)]
struct Share {
    most: usize,
    turns: Arc<Semaphore>,
    habit: Habit,
}

/// A call's turn; the next one's begins when it is dropped.
pub(super) struct Turn {
    /// How the plugin's calls were lately.
    pub(super) habit: Habit,
    _own: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(CALLS as usize)),
            plugins: Mutex::default(),
        }
    }

    /// Waits for a turn of a plugin that may have so many at once.
    pub(super) async fn take(&self, plugin: &PluginName, most: usize) -> Turn {
        let share = self.share(plugin, most);
        // Neither is ever closed, so that there is always a permit.
        Turn {
            habit: share.habit,
            _own: share.turns.acquire_owned().await.ok(),
            _all: self.all.clone().acquire_owned().await.ok(),
        }
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
