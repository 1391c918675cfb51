//! Instances that outlive a call: observers, and plugins that keep state in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::engine::Sandbox;
use super::error::RunError;
use super::instance::{Instance, guard};
use super::prepare::Prepared;
use super::state::State;
use crate::model::{Digest, Limits};
use crate::registry::Plugin;
use tokio_util::sync::CancellationToken;

/// How long a plugin may take to shut down.
const LAST_WORDS: Limits = Limits {
    time_ms: 2_000,
    ..Limits::DEFAULT
};

type Slot = Arc<tokio::sync::Mutex<Option<Instance>>>;

/// Live instances by digest. One call at a time meets an instance; a call that breaks it takes it away.
#[derive(Default)]
pub(super) struct LiveInstances {
    slots: Mutex<HashMap<Digest, Slot>>,
}

impl LiveInstances {
    fn slot(&self, digest: Digest) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(digest).or_default().clone()
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
        limits: &Limits,
        cancel: &CancellationToken,
        act: impl AsyncFnOnce(&mut Instance) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let slot = self.live.slot(plugin.component.digest);
        // Waiting for the instance is part of the call: its time runs, and its caller may give up.
        let (mut slot, instance, reply) = guard(limits, cancel, async {
            let mut slot = slot.lock_owned().await;
            // Taken out for the time of the call: a call that is dropped half-way drops the instance with it.
            let kept = slot.take();
            let mut instance = match kept {
                Some(instance) => instance,
                None => self.start_live(plugin, prepared).await?,
            };
            let reply = act(&mut instance).await?;
            Ok((slot, instance, reply))
        })
        .await?;
        *slot = Some(instance);
        Ok(reply)
    }

    async fn start_live(&self, plugin: &Plugin, prepared: &Prepared) -> Result<Instance, RunError> {
        let state = State::new(plugin.info.name.as_str(), &plugin.limits, self.sink.clone());
        let mut instance = Instance::start(self, prepared, state).await?;
        instance.initialize(&plugin.config).await?;
        Ok(instance)
    }

    /// Shuts every live instance down. What a plugin says of it is logged; it ends in any case.
    pub async fn shutdown(&self) {
        let _running = self.ticker.run();
        for slot in self.live.drain() {
            let mut name = None;
            // A call that still has the instance is not waited for any longer than the plugin itself would be.
            let ended = guard(&LAST_WORDS, &CancellationToken::new(), async {
                match slot.lock().await.take() {
                    Some(mut instance) => {
                        name = Some(instance.state_mut().plugin.clone());
                        instance.shutdown().await
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
