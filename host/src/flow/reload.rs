//! Files that change while the host runs: loaded beside what answers, checked, and put in its place between calls.
//!
//! Calls in flight finish on what they began with. What cannot be used, and what waits for the person's word, leaves what answers
//! as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Host;
use crate::config::{OwnSettings, Settings};
use crate::model::Changed;
use crate::registry::{Plugin, Registry};
use crate::watch::{Names, WatchError, Watcher};

/// How often it is looked at whether a plugin that was replaced is still called.
const LOOK: Duration = Duration::from_millis(250);

impl Host {
    /// Loads again what changes in the folders of plugins and settings, for as long as the host lives.
    pub fn follow(self: &Arc<Self>) -> Result<(), WatchError> {
        let mut watcher = Watcher::new()?;
        watcher.look_at(&self.watched());
        let host = Arc::downgrade(self);
        tokio::spawn(async move {
            while watcher.changed().await {
                let Some(host) = Weak::upgrade(&host) else {
                    return;
                };
                // First: what changes from here on is heard of.
                watcher.look_at(&host.watched());
                host.reload().await;
                watcher.look_at(&host.watched());
            }
        });
        Ok(())
    }

    /// Loads everything again, and tells whoever listens what reads differently.
    pub async fn reload(self: &Arc<Self>) {
        let _turn = self.reloading.lock().await;
        let before = self.settings();
        match read_again(&before, self.parac.as_deref()) {
            Ok(settings) => self.set_settings(settings),
            Err(error) => {
                tracing::warn!("{error}; what was configured before stays");
            }
        }
        let (old, failed) = (self.registry(), self.failures());
        let loaded = match self.assemble(&old).await {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::warn!("{error}; the plugins stay as they are");
                return;
            }
        };
        for failure in &loaded.failures {
            let again = failed.iter().any(|old| {
                (&old.plugin, &old.path, &old.error)
                    == (&failure.plugin, &failure.path, &failure.error)
            });
            if !again {
                let (path, error) = (failure.path.display(), &failure.error);
                let served = loaded.registry.plugins();
                let mut served = served.filter(|plugin| plugin.component.path == failure.path);
                if let Some(old) = served.next() {
                    tracing::warn!(
                        plugin = %old.info.name,
                        "{path} {error}; until then what was loaded before answers"
                    );
                } else {
                    tracing::warn!("{path} {error}");
                }
            }
        }
        let changed = told(&old, &loaded.registry, &before, &self.settings());
        self.serve(loaded);
        let now = self.registry();
        for plugin in old.plugins() {
            let stays = now.get(&plugin.info.name);
            if stays.is_none_or(|stays| stays.component.digest != plugin.component.digest) {
                self.retire(plugin);
            }
        }
        for what in changed {
            self.announce(what);
        }
    }

    /// Lets go of what a plugin left in the sandbox, once its last call has ended.
    fn retire(self: &Arc<Self>, plugin: &Arc<Plugin>) {
        let digest = plugin.component.digest;
        let (host, plugin) = (Arc::downgrade(self), Arc::downgrade(plugin));
        tokio::spawn(async move {
            while plugin.strong_count() > 0 {
                tokio::time::sleep(LOOK).await;
            }
            let Some(host) = host.upgrade() else {
                return;
            };
            let registry = host.registry();
            let mut plugins = registry.plugins();
            // It may have come back.
            if plugins.all(|plugin| plugin.component.digest != digest) {
                host.sandbox().retire(digest).await;
            }
        });
    }

    /// Returns the folders where something may change that counts.
    fn watched(&self) -> BTreeMap<PathBuf, Names> {
        let settings = self.settings();
        let mut watched = BTreeMap::new();
        if let Some(parac) = &self.parac {
            only(&mut watched, parac);
            for folder in ["plugins", "config"] {
                only(&mut watched, &parac.join(folder));
                watched.insert(parac.join(folder), Names::All);
            }
        }
        only(&mut watched, &settings.own.join("config.yaml"));
        let grants = self.grants.path();
        // The first grant on a machine makes the folder.
        for place in grants.ancestors().take(3) {
            only(&mut watched, place);
        }
        for entry in &settings.plugins {
            if let Some(path) = &entry.path {
                only(&mut watched, path);
            }
        }
        watched
    }
}

/// Counts one file, in its folder.
fn only(watched: &mut BTreeMap<PathBuf, Names>, path: &Path) {
    if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
        watched
            .entry(folder.to_owned())
            .or_insert_with(|| Names::Only(BTreeSet::new()))
            .add(name.to_owned());
    }
}

/// Reads the settings again. What a process began with stays: certificates, secrets, its journal,
/// how changes land, and its other repositories.
fn read_again(
    before: &Settings,
    parac: Option<&Path>,
) -> Result<Settings, crate::config::ConfigError> {
    let now = before.again(parac)?;
    Ok(Settings {
        person: OwnSettings {
            limits: now.person.limits,
            ..before.person.clone()
        },
        git: before.git.clone(),
        members: before.members.clone(),
        ..now
    })
}

/// Returns what reads differently.
fn told(
    old: &Registry,
    new: &Registry,
    before: &Settings,
    settings: &Settings,
) -> BTreeSet<Changed> {
    let mut told = BTreeSet::new();
    if before.mcp != settings.mcp {
        told.extend([Changed::Tools, Changed::Prompts]);
    }
    let plugins: BTreeSet<_> = old
        .plugins()
        .chain(new.plugins())
        .map(|plugin| &plugin.info.name)
        .collect();
    for name in plugins {
        let (old, new) = (old.get(name), new.get(name));
        if let (Some(old), Some(new)) = (old, new)
            && Arc::ptr_eq(old, new)
        {
            continue;
        }
        let tools = |plugin: &Arc<Plugin>| -> Vec<_> {
            let tools = plugin.tools.iter();
            tools.map(|tool| tool.info.clone()).collect()
        };
        if old.map(tools) != new.map(tools) {
            told.insert(Changed::Tools);
        }
        let contexts = [old, new].map(|plugin| plugin.and_then(|plugin| plugin.context.as_ref()));
        let [was, is] = contexts.map(|context| context.map(|context| &context.prompts));
        if was != is {
            told.insert(Changed::Prompts);
        }
        // Which resources there are, only the plugin itself knows; what it says of itself is one.
        told.insert(Changed::Resources);
    }
    told
}
