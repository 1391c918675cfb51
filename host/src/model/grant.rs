//! What may be granted, and a refusal that teaches.

use serde::{Deserialize, Serialize};

use super::{
    Capability, DirectoryRule, HttpRule, InvalidName, PluginName, SecretRule, SocketRule, ToolPath,
};

/// How far a directory is open. Ordered: a ceiling is a minimum.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Not at all.
    #[default]
    None,
    /// Reading.
    ReadOnly,
    /// Reading and writing.
    ReadWrite,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
        })
    }
}

/// One tool, all tools of a plugin (`files__*`), or all (`*`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ToolPattern {
    /// Every tool of every plugin.
    All,
    /// Every tool of one plugin.
    Plugin(PluginName),
    /// One tool.
    One(ToolPath),
}

impl ToolPattern {
    /// Tells whether the pattern names a tool.
    pub fn covers(&self, path: &ToolPath) -> bool {
        match self {
            Self::All => true,
            Self::Plugin(plugin) => *plugin == path.plugin,
            Self::One(one) => one == path,
        }
    }

    /// Tells whether the pattern names a plugin, or something of it.
    pub fn names(&self, of: &PluginName) -> bool {
        match self {
            Self::All => true,
            Self::Plugin(plugin) => plugin == of,
            Self::One(one) => one.plugin == *of,
        }
    }
}

impl std::str::FromStr for ToolPattern {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text == "*" {
            Ok(Self::All)
        } else if let Some(plugin) = text.strip_suffix("__*") {
            plugin.parse().map(Self::Plugin)
        } else {
            text.parse().map(Self::One)
        }
    }
}

impl TryFrom<String> for ToolPattern {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<ToolPattern> for String {
    fn from(pattern: ToolPattern) -> Self {
        pattern.to_string()
    }
}

impl std::fmt::Display for ToolPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Plugin(plugin) => write!(f, "{plugin}__*"),
            Self::One(path) => path.fmt(f),
        }
    }
}

/// What one party allows. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grant {
    /// The execution's git tree at `/workspace`.
    pub workspace: Access,
    /// Providers that `completions` may reach; the first is the default.
    pub completions: Vec<PluginName>,
    /// Tools that `tools` may call.
    pub tools: Vec<ToolPattern>,
    /// HTTP requests.
    pub network: Vec<HttpRule>,
    /// Raw sockets.
    pub sockets: Vec<SocketRule>,
    /// Directories of the machine.
    pub directories: Vec<DirectoryRule>,
    /// Secrets that the host puts into outgoing headers.
    pub secrets: Vec<SecretRule>,
    /// Questions to whoever called, and to the person behind them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ask: bool,
}

impl Grant {
    /// Tells whether it allows nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Splits it into what stays inside of the repository, and what reaches beyond: the network and the machine.
    pub fn split(self) -> (Self, Self) {
        let inside = Self {
            workspace: self.workspace,
            completions: self.completions,
            tools: self.tools,
            ask: self.ask,
            ..Self::default()
        };
        let outside = Self {
            network: self.network,
            sockets: self.sockets,
            directories: self.directories,
            secrets: self.secrets,
            ..Self::default()
        };
        (inside, outside)
    }

    /// Returns what either allows.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        fn add<T: Clone + PartialEq>(to: &mut Vec<T>, from: &[T]) {
            for one in from {
                if !to.contains(one) {
                    to.push(one.clone());
                }
            }
        }
        self.workspace = self.workspace.max(other.workspace);
        add(&mut self.completions, &other.completions);
        add(&mut self.tools, &other.tools);
        add(&mut self.network, &other.network);
        add(&mut self.sockets, &other.sockets);
        for rule in &other.directories {
            let same = |has: &&mut DirectoryRule| has.path == rule.path && has.at == rule.at;
            match self.directories.iter_mut().find(same) {
                Some(has) => has.access = has.access.max(rule.access),
                None => self.directories.push(rule.clone()),
            }
        }
        add(&mut self.secrets, &other.secrets);
        self.ask |= other.ask;
        self
    }

    /// Returns each thing that it allows, as its key and its value in `plugins.yaml`; a list is one entry a member.
    pub fn entries(&self) -> Vec<(&'static str, String)> {
        fn list<T: std::fmt::Display>(key: &'static str, of: &[T]) -> Vec<(&'static str, String)> {
            of.iter().map(|one| (key, one.to_string())).collect()
        }
        let mut entries = Vec::new();
        if self.workspace != Access::None {
            entries.push(("workspace", self.workspace.to_string()));
        }
        entries.extend(list("completions", &self.completions));
        entries.extend(list("tools", &self.tools));
        entries.extend(list("network", &self.network));
        entries.extend(list("sockets", &self.sockets));
        entries.extend(list("directories", &self.directories));
        entries.extend(list("secrets", &self.secrets));
        if self.ask {
            entries.push(("ask", self.ask.to_string()));
        }
        entries
    }
}

impl Grant {
    /// Says it to somebody who is not told where something is on this machine: directories by the names that plugins find them by.
    pub fn told_elsewhere(&self) -> String {
        let directory = |rule: &DirectoryRule| DirectoryRule {
            path: "…".into(),
            ..rule.clone()
        };
        Self {
            directories: self.directories.iter().map(directory).collect(),
            ..self.clone()
        }
        .to_string()
    }
}

impl std::fmt::Display for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self
            .entries()
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        f.write_str(if parts.is_empty() { "nothing" } else { "" })?;
        f.write_str(&parts.join(" "))
    }
}

/// Whose word was missing. A grant needs all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The plugin did not declare it.
    Plugin,
    /// The operator did not allow it.
    Operator,
    /// The execution, or the caller that the call is made for, does not allow it.
    Execution,
}

impl Party {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plugin => "plugin",
            Self::Operator => "operator",
            Self::Execution => "execution",
        }
    }
}

/// What a person could grant, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The plugin that lacks it.
    pub plugin: PluginName,
    /// The least that would be enough.
    pub grant: Grant,
}

/// A refusal: what was missing, whose word, and the line to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}; {fix}")]
pub struct Denied {
    /// What was asked for.
    pub capability: Capability,
    /// Whose word was missing.
    pub missing: Party,
    /// One sentence.
    pub message: String,
    /// The line to add, and where.
    pub fix: String,
    /// The least that a person would have to grant; none where no grant of theirs helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Box<Need>>,
}
