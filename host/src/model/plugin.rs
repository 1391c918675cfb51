//! Who a plugin is, as it says itself.

use serde::{Deserialize, Serialize};

use super::{Ability, Capability, PluginName, ToolName};

/// Which world a plugin targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Tools that agents and assistants call.
    Tool,
    /// Language models.
    Provider,
    /// Agents of another framework.
    Adapter,
    /// Told what happens.
    Observer,
    /// What agents remember.
    Memory,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Tool,
        Self::Provider,
        Self::Adapter,
        Self::Observer,
        Self::Memory,
    ];

    /// Returns the name of the interface that a plugin of this kind exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Provider => "provider",
            Self::Adapter => "adapter",
            Self::Observer => "observer",
            Self::Memory => "memory",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Another plugin that a plugin needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: PluginName,
    /// The versions that do.
    pub version: semver::VersionReq,
}

/// A plugin's metadata, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginInfo {
    /// Unique in a host.
    pub name: PluginName,
    /// The plugin's own version.
    pub version: semver::Version,
    /// What it is for.
    pub description: String,
    /// Who wrote it.
    pub author: String,
    /// Where to read more.
    pub homepage: Option<String>,
    /// An SPDX expression.
    pub license: String,
    /// Which world it targets.
    pub kind: Kind,
    /// What it offers and asks for.
    pub capabilities: Vec<Capability>,
    /// What else must be loaded.
    pub dependencies: Vec<Dependency>,
    /// The contract versions that it was made for.
    pub paracle_version: semver::VersionReq,
    /// JSON Schema of its configuration.
    pub config_schema: Option<serde_json::Value>,
    /// Free words to find it by.
    pub tags: Vec<String>,
    /// True where calls must meet the same instance.
    pub stateful: bool,
}

impl PluginInfo {
    /// Tells whether the plugin declares a capability.
    pub fn declares(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// What a caller may assume about a tool; hints only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "MCP's own four hints")]
pub struct Annotations {
    /// Changes nothing.
    pub read_only: bool,
    /// May destroy what was there.
    pub destructive: bool,
    /// A second call changes nothing more.
    pub idempotent: bool,
    /// Reaches beyond the workspace.
    pub open_world: bool,
}

/// A picture that a client may show beside a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Icon {
    /// An `https:` or `data:` URI.
    pub src: String,
    /// Its type, if known.
    pub mime_type: Option<String>,
    /// Such as `48x48`, or `any`.
    pub sizes: Vec<String>,
}

/// Whether a call may be answered with a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskSupport {
    /// It is answered at once.
    #[default]
    Never,
    /// Where the caller knows tasks.
    Optional,
    /// A caller that knows none is refused.
    Required,
}

/// A tool, as its plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolInfo {
    /// Unique in its plugin.
    pub name: ToolName,
    /// For people.
    pub title: Option<String>,
    /// For the model.
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: serde_json::Value,
    /// JSON Schema of the structured result.
    pub returns: Option<serde_json::Value>,
    /// What a caller may assume.
    pub annotations: Annotations,
    /// Pictures for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Whether it may be answered with a task.
    #[serde(default)]
    pub task: TaskSupport,
    /// What its caller has to be able to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Ability>,
}

/// How a plugin feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Healthy,
    /// It works, but not as it should.
    Degraded,
    /// It does not work.
    Unhealthy,
}

/// A plugin's answer to `health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Whose answer it is.
    pub plugin: PluginName,
    /// Its version.
    pub version: semver::Version,
    /// How it feels.
    pub status: Status,
    /// What it can do now.
    pub capabilities: Vec<Capability>,
    /// What a person should know.
    pub detail: Option<String>,
}
