//! The other line: from a file to a plugin that answers. Bytes, digest, world and version, metadata with nothing granted,
//! the operator's word, the configuration, the stored record.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::callbacks::CLIENT;
use super::fitness::{check_config, check_contract, compile, warn_unused};
use super::{Host, HostError, LoadFailure, Meant};
use crate::grants::GrantsError;
use crate::model::{Digest, PluginName, ToolPath};
use crate::registry::{self, Component, Context, Found, LoadError, Plugin, Registry, SchemaError};
use crate::sandbox::{CONTRACT, Description, PrepareError};
use crate::workspace::{self, DirectoryError};

/// The longest tool name that every MCP client takes.
pub(super) const LONGEST_TOOL_NAME: usize = 64;

/// Why a file is not a plugin of this host. Each sentence goes after the file's name.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The bytes cannot be had.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The bytes are no plugin.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The plugin was made for other hosts.
    #[error(
        "needs version {wanted} of the plugin contract, and this host speaks {CONTRACT}; use another version of {plugin}, or another host"
    )]
    Contract {
        /// Which plugin.
        plugin: PluginName,
        /// What it needs.
        wanted: semver::VersionReq,
    },
    /// The configuration does not fit the plugin's schema.
    #[error(
        "does not accept its configuration: {problems}; change `config:` of {plugin} in plugins.yaml"
    )]
    Config {
        /// Which plugin.
        plugin: PluginName,
        /// Each with its place.
        problems: String,
    },
    /// A schema cannot be used.
    #[error("has a schema that cannot be used: that of {whose} {error}; its author has to mend it")]
    Schema {
        /// A tool's name, or "its configuration".
        whose: String,
        /// What is wrong.
        error: SchemaError,
    },
    /// A tool's full name is too long for clients.
    #[error(
        "has a tool whose full name {path} is longer than {LONGEST_TOOL_NAME} characters, which clients drop; its author has to shorten it"
    )]
    LongName {
        /// The name.
        path: ToolPath,
    },
    /// A directory that its entry grants is one that no plugin may have.
    #[error("is not loaded with what plugins.yaml grants: {0}")]
    Directory(#[from] DirectoryError),
    /// Another file has the name.
    #[error("is named {plugin}, like {first}, which was loaded; remove one of the two")]
    Duplicate {
        /// Which name.
        plugin: PluginName,
        /// The file that has it.
        first: String,
    },
    /// The plugin's name stands for something else.
    #[error(
        "is named {CLIENT}, which stands for the caller's own model where a provider is named; its author has to rename it"
    )]
    Reserved,
    /// Another plugin that it needs is missing.
    #[error("needs the plugin {needs} {version}, which is not loaded")]
    Dependency {
        /// What is missing.
        needs: PluginName,
        /// Which versions would do.
        version: semver::VersionReq,
    },
    /// The plugin is not what the person approved.
    #[error(
        "is not the {plugin} that was approved on this machine: {changes}; look at it, and if you want it so run `paracle-host grant trust {plugin}`"
    )]
    NotApproved {
        /// Which plugin.
        plugin: PluginName,
        /// What is another now.
        changes: String,
    },
    /// The plugin says, once it runs, that it is somebody else.
    #[error(
        "says of itself something else than when it was loaded; its author has to mend {plugin}: only tools, templates and prompts may change"
    )]
    Another {
        /// Which plugin.
        plugin: PluginName,
    },
    /// What the person granted cannot be read.
    #[error(transparent)]
    Grants(#[from] GrantsError),
    /// The operator lists a plugin that is nowhere.
    #[error(
        "lists {plugin} in line {line}, and no component of that name is in .parac/plugins; put it there, give its `path:`, or remove the entry"
    )]
    Absent {
        /// Which plugin.
        plugin: PluginName,
        /// Where it is listed.
        line: u64,
    },
}

impl Host {
    /// Finds and loads all plugins, in parallel, and puts them in the place of those that were loaded before.
    pub async fn load(self: &Arc<Self>) -> Result<(), HostError> {
        let folder = self
            .settings
            .parac
            .as_ref()
            .map(|parac| parac.join("plugins"));
        let listed = self.settings.plugins.iter().filter(|entry| entry.enabled);
        let found = registry::discover(
            folder.as_deref(),
            listed.filter_map(|entry| entry.path.as_ref()),
        )
        .map_err(|source| HostError::Discover {
            folder: folder.clone().unwrap_or_default(),
            source,
        })?;
        let mut tasks = JoinSet::new();
        for (index, found) in found.into_iter().enumerate() {
            let host = self.clone();
            tasks.spawn(async move {
                let installed = host.install(&found).await;
                (index, found, installed)
            });
        }
        let mut installed = tasks.join_all().await;
        installed.sort_by_key(|(index, ..)| *index);

        let mut registry = Registry::default();
        let mut failures = Vec::new();
        let mut waiting = Vec::new();
        for (_, found, result) in installed {
            let (name, error) = match result {
                Ok(plugin) if self.is_disabled(&plugin.info.name) => continue,
                Ok(plugin) => match self.check_approval(&plugin) {
                    Ok(()) => match registry.insert(plugin) {
                        Ok(()) => continue,
                        Err((plugin, first)) => (
                            Some(plugin.info.name.clone()),
                            InstallError::Duplicate {
                                plugin: plugin.info.name.clone(),
                                first: first.component.path.display().to_string(),
                            },
                        ),
                    },
                    Err(error) => {
                        let name = plugin.info.name.clone();
                        waiting.push(Arc::new(plugin));
                        (Some(name), error)
                    }
                },
                Err(failed) => failed,
            };
            failures.push(error.failure(name, found.path));
        }
        Self::check_dependencies(&mut registry, &mut failures);
        self.check_entries(&registry, &mut failures);
        self.replace(registry, failures, waiting);
        Ok(())
    }

    async fn install(
        self: &Arc<Self>,
        found: &Found,
    ) -> Result<Plugin, (Option<PluginName>, InstallError)> {
        let file = found
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // Until a plugin has told its name, its file's is the best there is.
        let guessed: Option<PluginName> = found
            .path
            .file_stem()
            .and_then(|stem| stem.to_string_lossy().replace('_', "-").parse().ok());
        let unnamed = |error: InstallError| (guessed.clone(), error);
        let path = found.path.clone();
        let (component, bytes) = tokio::task::spawn_blocking(move || Component::read(&path))
            .await
            .map_err(|error| {
                unnamed(
                    PrepareError::Engine {
                        reason: error.to_string(),
                    }
                    .into(),
                )
            })?
            .map_err(|error| unnamed(error.into()))?;
        let Description {
            info,
            tools,
            offers_context,
            templates,
            prompts,
        } = self
            .sandbox()
            .describe(component.digest, bytes.clone(), &file)
            .await
            .map_err(|error| unnamed(error.into()))?;
        let name = info.name.clone();
        let named = |error: InstallError| (Some(name.clone()), error);

        if info.name.as_str() == CLIENT {
            return Err(named(InstallError::Reserved));
        }
        check_contract(&info).map_err(named)?;
        let tools = tools
            .into_iter()
            .map(|tool| compile(&info.name, tool))
            .collect::<Result<_, _>>()
            .map_err(named)?;
        let entry = self.settings.entry(&info.name);
        let config =
            serde_json::Value::Object(entry.map(|entry| entry.config.clone()).unwrap_or_default());
        check_config(&info, &config).map_err(named)?;
        let config = config.to_string();
        self.sandbox()
            .check_config(component.digest, bytes, info.name.as_str(), &config)
            .await
            .map_err(|error| named(error.into()))?;
        let grants = entry.map(|entry| entry.grants.clone()).unwrap_or_default();
        warn_unused(&info, &grants);
        let (grants, outside) = grants.split();
        if !outside.directories.is_empty() {
            // What a word is enough for waits for it, with the rest of what reaches beyond the repository.
            let meant = Meant {
                code_runs_there: true,
                ..Meant::default()
            };
            workspace::check_directories(&outside.directories, &self.protected())
                .and_then(|()| self.check_places(&outside.directories, meant))
                .map_err(|error| named(error.into()))?;
        }
        Ok(Plugin {
            tools,
            context: offers_context.then_some(Context { templates, prompts }),
            configured: Digest::of(config.as_bytes()),
            config,
            grants,
            outside,
            limits: self.settings.limits_of(&info.name),
            source: found.source,
            component,
            info,
        })
    }

    fn is_disabled(&self, name: &PluginName) -> bool {
        self.settings
            .entry(name)
            .is_some_and(|entry| !entry.enabled)
    }

    /// Takes out plugins whose dependencies are missing, until none is left that lacks one.
    fn check_dependencies(registry: &mut Registry, failures: &mut Vec<LoadFailure>) {
        loop {
            let lacking = registry.plugins().find_map(|plugin| {
                let missing = plugin.info.dependencies.iter().find(|dependency| {
                    !registry
                        .get(&dependency.name)
                        .is_some_and(|found| dependency.version.matches(&found.info.version))
                })?;
                Some((plugin.clone(), missing.clone()))
            });
            let Some((plugin, missing)) = lacking else {
                return;
            };
            registry.remove(&plugin.info.name);
            let error = InstallError::Dependency {
                needs: missing.name,
                version: missing.version,
            };
            failures.push(error.failure(
                Some(plugin.info.name.clone()),
                plugin.component.path.clone(),
            ));
        }
    }

    /// Reports what the operator lists and nobody found.
    fn check_entries(&self, registry: &Registry, failures: &mut Vec<LoadFailure>) {
        let Some(parac) = &self.settings.parac else {
            return;
        };
        for entry in self.settings.plugins.iter().filter(|entry| entry.enabled) {
            let known = registry.get(&entry.name).is_some()
                || failures
                    .iter()
                    .any(|failure| failure.plugin.as_ref() == Some(&entry.name))
                || failures
                    .iter()
                    .any(|failure| entry.path.as_ref() == Some(&failure.path));
            if !known {
                let error = InstallError::Absent {
                    plugin: entry.name.clone(),
                    line: entry.line,
                };
                failures.push(error.failure(
                    Some(entry.name.clone()),
                    parac.join("config").join("plugins.yaml"),
                ));
            }
        }
    }
}
