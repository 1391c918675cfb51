//! Instances that outlive a call: observers, and plugins that keep state in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::account::Account;
use super::engine::{LIVE, Sandbox};
use super::error::RunError;
use super::gate::{Habit, Place};
use super::guard::{Watch, guard};
use super::instance::Instance;
use super::prepare::Prepared;
use super::state::State;
use crate::model::{Digest, LimitName, LimitOrigin, Limits};
use crate::registry::Plugin;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// How long a plugin may take to shut down.
const LAST_WORDS: Limits = Limits::DEFAULT
    .with(LimitName::Time, 2_000, LimitOrigin::Host)
    .fixed();

type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// An instance and its place in the pool.
struct Kept {
    instance: Instance,
    _place: OwnedSemaphorePermit,
}

/// Live instances by digest. One call at a time meets an instance; a call that breaks it takes it away.
pub(super) struct LiveInstances {
    slots: Mutex<HashMap<Digest, Slot>>,
    places: Arc<Semaphore>,
}

impl Default for LiveInstances {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
            places: Arc::new(Semaphore::new(LIVE as usize)),
        }
    }
}

impl LiveInstances {
    fn slot(&self, digest: Digest) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(digest).or_default().clone()
    }

    /// Waits until no call meets an instance.
    pub(super) async fn free(&self, digest: Digest) {
        let slot = self.slot(digest);
        drop(slot.lock().await);
    }

    fn drain(&self) -> Vec<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.drain().map(|(_, slot)| slot).collect()
    }
}

impl Sandbox {
    /// Runs something on a plugin's live instance, starting one if there is none. After an error the instance is gone
    /// and the next call starts another.
    pub(super) async fn on_live<T>(
        &self,
        plugin: &Plugin,
        prepared: &Prepared,
        watch: Watch<'_>,
        act: impl AsyncFnOnce(&mut Instance) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let slot = self.live.slot(plugin.component.digest);
        // Waiting for the instance is part of the call: its time runs, and its caller may give up.
        let account = watch.account;
        let (mut slot, kept, reply) = guard(watch, async {
            let mut slot = slot.lock_owned().await;
            // Taken out for the time of the call: a call that is dropped half-way drops the instance with it.
            let kept = slot.take();
            let mut kept = match kept {
                Some(mut kept) => {
                    kept.instance.state_mut().go_on(account);
                    kept
                }
                None => self.start_live(plugin, prepared, account).await?,
            };
            let reply = act(&mut kept.instance).await?;
            Ok((slot, kept, reply))
        })
        .await?;
        *slot = Some(kept);
        Ok(reply)
    }

    async fn start_live(
        &self,
        plugin: &Plugin,
        prepared: &Prepared,
        account: &Account,
    ) -> Result<Kept, RunError> {
        let place = self.live.places.clone().try_acquire_owned();
        let place = place.map_err(|_| RunError::Start {
            reason: format!("{LIVE} plugins keep their instance already, and more have no place"),
        })?;
        let state = State::new(
            plugin.info.name.as_str(),
            account.clone(),
            self.sink.clone(),
        );
        let mut instance = Instance::start(self, prepared, state).await?;
        instance.initialize(&plugin.config).await?;
        Ok(Kept {
            instance,
            _place: place,
        })
    }

    /// Shuts every live instance down. What a plugin says of it is logged; it ends in any case.
    pub async fn shutdown(&self) {
        let _running = self.ticker.run();
        for slot in self.live.drain() {
            let mut name = None;
            // A call that still has the instance is not waited for any longer than the plugin itself would be.
            let account = Account::new(&LAST_WORDS);
            let watch = Watch {
                account: &account,
                cancel: &CancellationToken::new(),
                client: None,
                place: Some(Place::before(self.gate.clone(), Habit::default())),
            };
            let ended = guard(watch, async {
                match slot.lock().await.take() {
                    Some(mut kept) => {
                        let state = kept.instance.state_mut();
                        name = Some(state.plugin.clone());
                        state.go_on(&account);
                        kept.instance.shutdown().await
                    }
                    None => Ok(Ok(())),
                }
            })
            .await;
            let name = name.as_deref().unwrap_or("(busy)");
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => {
                    tracing::warn!(plugin = %name, %reason, "a plugin did not shut down well");
                }
                Err(error) => tracing::warn!(plugin = %name, %error, "a plugin did not shut down"),
            }
        }
    }
}
