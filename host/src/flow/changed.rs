//! A plugin says that it reads differently now: it is asked again, checked, and put in the place of what was there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Host, InstallError};
use crate::model::{Changed, PluginName};
use crate::registry::{Context, Plugin};

/// What plugins said of themselves, until they are asked. A plugin that is being asked has an entry; what it says meanwhile waits
/// there, once.
#[derive(Debug, Default)]
pub(super) struct Refreshing(Mutex<BTreeMap<PluginName, BTreeSet<Changed>>>);

impl Refreshing {
    /// Notes what a plugin said; tells whether nobody asks it yet.
    fn note(&self, plugin: &PluginName, what: Changed) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !waiting.contains_key(plugin);
        waiting.entry(plugin.clone()).or_default().insert(what);
        first
    }

    /// Takes what is to be announced once the plugin was asked; none where it said nothing more.
    fn take(&self, plugin: &PluginName) -> Option<BTreeSet<Changed>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.get_mut(plugin).map(std::mem::take) {
            Some(said) if !said.is_empty() => Some(said),
            Some(_) | None => {
                waiting.remove(plugin);
                None
            }
        }
    }
}

impl Host {
    /// Hears of a plugin that something of its own reads differently.
    pub(super) fn plugin_changed(self: &Arc<Self>, plugin: &Plugin, what: Changed) {
        let name = &plugin.info.name;
        tracing::debug!(plugin = %name, ?what, "reads differently");
        if let Changed::Resource { uri, .. } = what {
            let plugin = Some(name.clone());
            self.announce(Changed::Resource { uri, plugin });
            return;
        }
        if self.refreshing.note(name, what) {
            let (host, name) = (self.clone(), name.clone());
            tokio::spawn(async move {
                while let Some(said) = host.refreshing.take(&name) {
                    if host.refresh(&name).await {
                        for what in said {
                            host.announce(what);
                        }
                    }
                }
            });
        }
    }

    /// Asks a plugin what it offers now. Tells whether that is what answers from now on: what the person has to approve waits, and
    /// the old stays.
    async fn refresh(self: &Arc<Self>, name: &PluginName) -> bool {
        let _turn = self.reloading.lock().await;
        let Some(old) = self.registry().get(name).cloned() else {
            return false;
        };
        let new = match self.described_again(&old).await {
            Ok(new) => new,
            Err(error) => {
                tracing::warn!(plugin = %name, %error, "what the plugin offers now cannot be used, and what it offered stays");
                return false;
            }
        };
        if let Err(error) = self.check_approval(&new) {
            tracing::warn!(plugin = %name, "what it offered stays, because the plugin {error}");
            self.wait_for_approval(new);
            return false;
        }
        self.swap(&old, new)
    }

    async fn described_again(self: &Arc<Self>, old: &Arc<Plugin>) -> Result<Plugin, InstallError> {
        let said = self.sandbox().describe_again(old).await?;
        if said.info != old.info {
            return Err(InstallError::Another {
                plugin: old.info.name.clone(),
            });
        }
        let tools = said.tools.into_iter();
        let tools = tools
            .map(|tool| super::fitness::compile(&old.info.name, tool))
            .collect::<Result<_, _>>()?;
        let context = said.offers_context.then_some(Context {
            templates: said.templates,
            prompts: said.prompts,
        });
        Ok(Plugin {
            tools,
            context,
            info: old.info.clone(),
            component: old.component.clone(),
            source: old.source,
            config: old.config.clone(),
            configured: old.configured,
            grants: old.grants.clone(),
            outside: old.outside.clone(),
            limits: old.limits,
        })
    }
}
