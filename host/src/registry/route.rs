//! From a call to the plugin that answers it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ArgumentProblem, Plugin};
use crate::model::{Call, Completable, Given, Kind, PluginName, ToolInfo, ToolPath, Verb};

/// Suggestions in an error, at the most.
const SUGGESTIONS: usize = 8;

/// Why a call has no plugin to answer it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// There is no such plugin, or it could not be loaded.
    #[error("there is no plugin {plugin}{}; `paracle-host plugin list` shows what is loaded, and why something is not", loaded(.known))]
    UnknownPlugin {
        /// What was asked for.
        plugin: PluginName,
        /// What there is.
        known: Vec<String>,
    },
    /// The plugin has no such tool.
    #[error("{plugin} has no tool {tool:?}; it has {}", known.join(", "))]
    UnknownTool {
        /// Which plugin.
        plugin: PluginName,
        /// What was asked for.
        tool: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The plugin is of another kind.
    #[error("{plugin} is a plugin of kind {kind}, and this needs one of kind {wanted}")]
    WrongKind {
        /// Which plugin.
        plugin: PluginName,
        /// What it is.
        kind: Kind,
        /// What was asked for.
        wanted: Kind,
    },
    /// The arguments do not fit the tool's schema.
    #[error("the arguments do not fit {tool}: {}", join(.problems))]
    Arguments {
        /// Which tool.
        tool: ToolPath,
        /// Each with its place.
        problems: Vec<ArgumentProblem>,
    },
    /// The plugin offers no resources and prompts, or not this one.
    #[error("{plugin} has no {what}")]
    NotOffered {
        /// Which plugin.
        plugin: PluginName,
        /// What was asked for.
        what: String,
    },
    /// The arguments do not fit the prompt.
    #[error("the arguments do not fit the prompt {prompt}: {problem}")]
    PromptArguments {
        /// Which prompt.
        prompt: ToolPath,
        /// What is wrong.
        problem: String,
    },
}

fn loaded(known: &[String]) -> String {
    if known.is_empty() {
        " (none is loaded)".to_owned()
    } else {
        let more = if known.len() < SUGGESTIONS {
            ""
        } else {
            ", …"
        };
        format!(" (there are {}{more})", known.join(", "))
    }
}

fn join(problems: &[ArgumentProblem]) -> String {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    problems.join("; ")
}

/// A call and the plugin that answers it; its arguments fit.
#[derive(Debug)]
pub struct Route {
    call: Call,
    plugin: Arc<Plugin>,
}

impl Route {
    /// Returns the call.
    pub const fn call(&self) -> &Call {
        &self.call
    }

    /// Returns the plugin.
    pub const fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }
}

/// The plugins of a host. Replaced as a whole when something is loaded again.
#[derive(Debug, Default)]
pub struct Registry {
    plugins: BTreeMap<PluginName, Arc<Plugin>>,
}

impl Registry {
    /// Adds a plugin, or gives it back with the one that has its name already.
    #[expect(clippy::result_large_err, reason = "the error gives the plugin back")]
    pub fn insert(&mut self, plugin: Plugin) -> Result<(), (Plugin, Arc<Plugin>)> {
        if let Some(first) = self.plugins.get(&plugin.info.name) {
            return Err((plugin, first.clone()));
        }
        self.plugins
            .insert(plugin.info.name.clone(), Arc::new(plugin));
        Ok(())
    }

    /// Returns the same plugins with another in the place of the one that has its name.
    #[must_use]
    pub fn with(&self, plugin: Plugin) -> Self {
        let mut plugins = self.plugins.clone();
        plugins.insert(plugin.info.name.clone(), Arc::new(plugin));
        Self { plugins }
    }

    /// Returns a plugin.
    pub fn get(&self, name: &PluginName) -> Option<&Arc<Plugin>> {
        self.plugins.get(name)
    }

    /// Takes a plugin out.
    pub fn remove(&mut self, name: &PluginName) -> Option<Arc<Plugin>> {
        self.plugins.remove(name)
    }

    /// Lists the plugins by name.
    pub fn plugins(&self) -> impl Iterator<Item = &Arc<Plugin>> {
        self.plugins.values()
    }

    /// Lists the tools of all tool plugins, by full name.
    pub fn tools(&self) -> impl Iterator<Item = (ToolPath, &ToolInfo)> {
        self.plugins.values().flat_map(|plugin| {
            plugin.tools.iter().map(|tool| {
                let path = ToolPath {
                    plugin: plugin.info.name.clone(),
                    tool: tool.info.name.clone(),
                };
                (path, &tool.info)
            })
        })
    }

    /// Finds the plugin that answers a call, and checks the arguments against its schema.
    pub fn route(&self, call: Call) -> Result<Route, RouteError> {
        let name = call.verb.plugin();
        let Some(plugin) = self.plugins.get(name) else {
            return Err(RouteError::UnknownPlugin {
                plugin: name.clone(),
                known: self
                    .plugins
                    .keys()
                    // One more, which tells that there are more.
                    .take(SUGGESTIONS + 1)
                    .map(ToString::to_string)
                    .collect(),
            });
        };
        let wanted = match &call.verb {
            Verb::Tool { path, arguments } => {
                if plugin.info.kind == Kind::Tool {
                    check_arguments(plugin, path, arguments)?;
                }
                Kind::Tool
            }
            Verb::Chat { .. } | Verb::Models { .. } => Kind::Provider,
            Verb::Resources { .. } | Verb::Read { .. } => {
                offered(plugin, true, || "resources".to_owned())?;
                Kind::Tool
            }
            Verb::Prompt { path, arguments } => {
                check_prompt(plugin, path, arguments)?;
                Kind::Tool
            }
            Verb::Complete { of, .. } => {
                check_completable(plugin, of)?;
                Kind::Tool
            }
        };
        if plugin.info.kind != wanted {
            return Err(RouteError::WrongKind {
                plugin: name.clone(),
                kind: plugin.info.kind,
                wanted,
            });
        }
        Ok(Route {
            plugin: plugin.clone(),
            call,
        })
    }
}

/// Checks that a plugin offers resources and prompts, and among them something.
fn offered(plugin: &Plugin, there: bool, what: impl Fn() -> String) -> Result<(), RouteError> {
    if there && plugin.context.is_some() {
        Ok(())
    } else {
        Err(RouteError::NotOffered {
            plugin: plugin.info.name.clone(),
            what: what(),
        })
    }
}

fn check_prompt(plugin: &Plugin, path: &ToolPath, given: &[Given]) -> Result<(), RouteError> {
    let prompt = plugin.prompt(&path.tool);
    offered(plugin, prompt.is_some(), || format!("prompt {}", path.tool))?;
    let arguments = prompt.map_or(&[][..], |prompt| &prompt.arguments);
    let has = |name: &str| given.iter().filter(|one| one.name == name).count();
    let missing = arguments
        .iter()
        .find(|one| one.required && has(&one.name) == 0);
    let strange = given
        .iter()
        .find(|one| has(&one.name) > 1 || !arguments.iter().any(|known| known.name == one.name));
    let problem = match (missing, strange) {
        (None, None) => return Ok(()),
        (Some(missing), _) => format!("it needs `{}`", missing.name),
        (None, Some(strange)) => format!(
            "`{}` is none of its arguments, or is given twice",
            strange.name
        ),
    };
    Err(RouteError::PromptArguments {
        prompt: path.clone(),
        problem,
    })
}

fn check_completable(plugin: &Plugin, of: &Completable) -> Result<(), RouteError> {
    let context = plugin.context.as_ref();
    match of {
        Completable::Prompt { name, argument } => {
            let prompts = context.map_or(&[][..], |context| &context.prompts);
            let known = prompts
                .iter()
                .filter(|prompt| prompt.name.as_str() == name)
                .any(|prompt| prompt.arguments.iter().any(|one| one.name == *argument));
            offered(plugin, known, || {
                format!("prompt {name} with an argument `{argument}`")
            })
        }
        Completable::Template { uri_template, .. } => {
            let templates = context.map_or(&[][..], |context| &context.templates);
            let known = templates
                .iter()
                .any(|one| one.uri_template == *uri_template);
            offered(plugin, known, || format!("template {uri_template}"))
        }
    }
}

fn check_arguments(
    plugin: &Plugin,
    path: &ToolPath,
    arguments: &serde_json::Value,
) -> Result<(), RouteError> {
    let tool = plugin
        .tool(&path.tool)
        .ok_or_else(|| RouteError::UnknownTool {
            plugin: path.plugin.clone(),
            tool: path.tool.to_string(),
            known: plugin
                .tools
                .iter()
                .take(SUGGESTIONS)
                .map(|tool| tool.info.name.to_string())
                .collect(),
        })?;
    tool.schema
        .check(arguments)
        .map_err(|problems| RouteError::Arguments {
            tool: path.clone(),
            problems,
        })
}
