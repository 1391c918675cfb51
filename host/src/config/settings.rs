//! Settings, resolved: what the rest of the host works with.

use std::path::{Path, PathBuf};

use super::{ConfigError, Environment, OwnSettings, files};
use crate::model::{ExecutionSettings, Grant, Limits, PluginName};

/// What the operator says about one plugin.
#[derive(Debug, Clone)]
pub struct PluginEntry {
    /// Which.
    pub name: PluginName,
    /// False keeps it from being loaded.
    pub enabled: bool,
    /// Given to the plugin's `initialize`.
    pub config: serde_json::Map<String, serde_json::Value>,
    /// A component outside of `.parac/plugins`.
    pub path: Option<PathBuf>,
    /// What the operator allows.
    pub grants: Grant,
    /// How much a call may take.
    pub limits: Limits,
    /// Where `plugins.yaml` says so.
    pub line: u64,
}

/// All that was configured.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to look for the repository.
    pub directory: PathBuf,
    /// The `.parac` folder, if there is one.
    pub parac: Option<PathBuf>,
    /// Where compiled plugins are kept.
    pub cache: PathBuf,
    /// The person's own folder: what they granted, on this machine, outside of any repository.
    pub own: PathBuf,
    /// What `config.yaml` there says.
    pub own_settings: OwnSettings,
    /// What `plugins.yaml` lists.
    pub plugins: Vec<PluginEntry>,
    /// What `git.yaml` says.
    pub git: ExecutionSettings,
}

impl Settings {
    /// Resolves the settings of a directory; `repo`, where given, takes the place of the working directory.
    pub fn load(environment: Environment, repo: Option<&Path>) -> Result<Self, ConfigError> {
        let Environment {
            directory,
            cache,
            own,
        } = match repo {
            Some(repo) => environment.within(repo)?,
            None => environment,
        };
        let own_settings = files::read_own(&own)?;
        let parac = find_parac(&directory);
        let (plugins, git) = match &parac {
            Some(parac) => (files::read_plugins(parac)?, files::read_git(parac)?),
            None => (Vec::new(), ExecutionSettings::default()),
        };
        Ok(Self {
            directory,
            parac,
            cache,
            own,
            own_settings,
            plugins,
            git,
        })
    }

    /// Returns what the operator says about a plugin.
    pub fn entry(&self, name: &PluginName) -> Option<&PluginEntry> {
        self.plugins.iter().find(|entry| entry.name == *name)
    }
}

/// Finds the nearest `.parac` folder, upwards.
fn find_parac(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .map(|directory| directory.join(".parac"))
        .find(|parac| parac.is_dir())
}
