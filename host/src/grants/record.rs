//! What is kept of one grant.

use serde::{Deserialize, Serialize};

use super::Demand;
use crate::model::{Digest, ExecutionId, Grant, PluginName};

/// For how long a grant is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Scope {
    /// Until it is revoked.
    Always,
    /// Until a time, as RFC 3339.
    Until(jiff::Timestamp),
    /// For the calls of one execution.
    Execution(ExecutionId),
    /// For the plugin's next call.
    Once,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Until(time) => write!(f, "until {time}"),
            Self::Execution(id) => write!(f, "in execution {id}"),
            Self::Once => f.write_str("once"),
        }
    }
}

/// How a person gave their word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// By a command.
    Command,
    /// By answering a question that their client showed.
    Answer,
}

/// What a person's word is for: a plugin, with its bytes and its configuration as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Which plugin.
    pub plugin: PluginName,
    /// Its bytes.
    pub digest: Digest,
    /// What the repository configures it with: a base URL in it may decide who is sent what.
    pub config: Digest,
}

/// One thing that the person granted beside `plugins.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Unique: a ULID.
    pub id: String,
    /// To which plugin.
    pub plugin: PluginName,
    /// For which bytes of it: others have to be granted anew.
    pub digest: Digest,
    /// For which configuration of it, as far as it reaches beyond the repository.
    #[serde(default)]
    pub config: Option<Digest>,
    /// What.
    pub grant: Grant,
    /// For how long.
    pub scope: Scope,
    /// How.
    pub by: By,
    /// When.
    pub at: jiff::Timestamp,
}

impl Given {
    /// Splits it into what holds for a plugin as it is now, and what was granted when its bytes, or its configuration, were
    /// other. What stays in the repository holds for every configuration.
    pub fn split(&self, now: &Subject) -> (Grant, Grant) {
        let nothing = Grant::default();
        if self.plugin != now.plugin {
            (nothing.clone(), nothing)
        } else if self.digest != now.digest {
            (nothing, self.grant.clone())
        } else if self.config == Some(now.config) {
            (self.grant.clone(), nothing)
        } else {
            self.grant.clone().split()
        }
    }

    /// Tells whether its time is over.
    pub fn is_over(&self, now: jiff::Timestamp) -> bool {
        matches!(self.scope, Scope::Until(end) if end <= now)
    }
}

/// The person's word that a plugin is as they want it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Which plugin.
    pub plugin: PluginName,
    /// Its bytes then.
    pub digest: Digest,
    /// What the repository configured it with then.
    #[serde(default)]
    pub config: Option<Digest>,
    /// What it offered and demanded then.
    pub demand: Demand,
    /// What `plugins.yaml` granted it within the repository then.
    #[serde(default)]
    pub inside: Grant,
    /// What it granted beyond the repository then.
    pub outside: Grant,
    /// When.
    pub at: jiff::Timestamp,
}

/// The person's word that a command of `git.yaml` may check merges on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedCommand {
    /// The program and its arguments: any other word is another command.
    pub command: Vec<String>,
    /// When.
    pub at: jiff::Timestamp,
}
