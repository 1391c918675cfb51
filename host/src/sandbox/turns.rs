//! How many calls run at once, of all plugins and of one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::engine::CALLS;
use crate::model::PluginName;

/// Gives calls their turns: first among those of the same plugin, so that a crowd of one plugin's holds up nobody else's.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    plugins: Mutex<HashMap<PluginName, Share>>,
}

struct Share {
    most: usize,
    turns: Arc<Semaphore>,
}

/// A call's turn; the next one's begins when it is dropped.
pub(super) struct Turn {
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
        // Neither is ever closed, so that there is always a permit.
        Turn {
            _own: self.share(plugin, most).acquire_owned().await.ok(),
            _all: self.all.clone().acquire_owned().await.ok(),
        }
    }

    fn share(&self, plugin: &PluginName, most: usize) -> Arc<Semaphore> {
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        match plugins.get(plugin) {
            Some(share) if share.most == most => share.turns.clone(),
            // None yet, or the limit was changed: calls that run go on in the old one.
            _ => {
                let turns = Arc::new(Semaphore::new(most));
                let share = Share {
                    most,
                    turns: turns.clone(),
                };
                plugins.insert(plugin.clone(), share);
                turns
            }
        }
    }
}
