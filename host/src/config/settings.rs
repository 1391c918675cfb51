//! Settings, resolved: what the rest of the host works with.

use std::path::{Path, PathBuf};

use super::{ConfigError, Environment, OwnSettings, files, own};
use crate::model::{
    ExecutionSettings, Grant, LimitOrigin, LimitValues, Limits, McpSettings, Member, PluginName,
    Retries,
};

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
    /// How much a call may take, where it is not the default.
    pub limits: LimitValues,
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
    /// What `plugins.yaml` lists.
    pub plugins: Vec<PluginEntry>,
    /// The most that any plugin may take, by `plugins.yaml`.
    pub limits: LimitValues,
    /// How often a model is asked again, by `plugins.yaml`.
    pub providers: Retries,
    /// What the person's own `config.yaml` says.
    pub person: OwnSettings,
    /// What `git.yaml` says.
    pub git: ExecutionSettings,
    /// What `mcp.yaml` says.
    pub mcp: McpSettings,
    /// All repositories to work in, where they are several; the first is the one that these settings are of.
    pub members: Vec<MemberSettings>,
}

/// One of several repositories, and what is configured there.
#[derive(Debug, Clone)]
pub struct MemberSettings {
    /// Its name and folder.
    pub member: Member,
    /// Its own settings, as if it were alone.
    pub settings: Settings,
}

impl Settings {
    /// Resolves the settings of a directory; `repo`, where given, takes the place of the working directory.
    pub fn load(environment: Environment, repo: Option<&Path>) -> Result<Self, ConfigError> {
        let environment = match repo {
            Some(repo) => environment.within(repo)?,
            None => environment,
        };
        let parac = find_parac(&environment.directory);
        Self::resolve(environment, parac)
    }

    /// Resolves the settings of the same folder again, with this `.parac` folder, if it is there, and no other.
    pub fn again(&self, parac: Option<&Path>) -> Result<Self, ConfigError> {
        let there = parac.filter(|parac| parac.is_dir());
        Self::resolve(self.environment(), there.map(Path::to_owned))
    }

    fn resolve(environment: Environment, parac: Option<PathBuf>) -> Result<Self, ConfigError> {
        let Environment {
            directory,
            cache,
            own,
        } = environment;
        let (plugins, git, mcp) = match &parac {
            Some(parac) => (
                files::read_plugins(parac)?,
                files::read_git(parac)?,
                files::read_mcp(parac)?,
            ),
            None => Default::default(),
        };
        Ok(Self {
            directory,
            person: own::read(&own)?,
            parac,
            cache,
            own,
            plugins: plugins.entries,
            limits: plugins.limits,
            providers: plugins.providers,
            git,
            mcp,
            members: Vec::new(),
        })
    }

    /// Resolves the settings of another folder, for the same person.
    pub fn of_folder(&self, folder: &Path) -> Result<Self, ConfigError> {
        Self::load(self.environment(), Some(folder))
    }

    fn environment(&self) -> Environment {
        Environment {
            directory: self.directory.clone(),
            cache: self.cache.clone(),
            own: self.own.clone(),
        }
    }

    /// Returns the folder that the settings are of: the one that holds `.parac`.
    pub fn project(&self) -> &Path {
        self.parac
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(&self.directory)
    }

    /// Returns what the operator says about a plugin.
    pub fn entry(&self, name: &PluginName) -> Option<&PluginEntry> {
        self.plugins.iter().find(|entry| entry.name == *name)
    }

    /// Returns how much a plugin's calls may take: the least of what its entry, the repository and the person say.
    pub fn limits_of(&self, name: &PluginName) -> Limits {
        let limits = match self.entry(name) {
            Some(entry) => Limits::DEFAULT.given(&entry.limits),
            None => Limits::DEFAULT,
        };
        let limits = limits.capped(&self.limits, LimitOrigin::Repository);
        match &self.person.limits {
            Some(caps) => limits.capped(caps, LimitOrigin::Person),
            None => limits,
        }
    }
}

/// Finds the nearest `.parac` folder, upwards.
fn find_parac(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .map(|directory| directory.join(".parac"))
        .find(|parac| parac.is_dir())
}
