//! What is configured of the edge towards assistants.

use serde::Deserialize;

/// What `mcp.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct McpSettings {
    /// Which names tools and prompts are offered by.
    pub names: OfferedNames,
    /// What assistants may do that is a person's otherwise.
    pub allow: Vec<McpAllowed>,
    /// How much of a result an assistant is shown at once, in characters; media count as the base64 that they are sent as.
    pub result_chars: usize,
    /// After how long a call of a tool that can be a task becomes one, in milliseconds.
    pub task_after_ms: u64,
}

impl Default for McpSettings {
    fn default() -> Self {
        Self {
            names: OfferedNames::default(),
            allow: Vec::new(),
            // About 15,000 tokens of English: one client's own cap is 25,000.
            result_chars: 60_000,
            // A person waits this long without wondering; many clients give a request up after a minute.
            task_after_ms: 10_000,
        }
    }
}

/// How tools and prompts are named to assistants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OfferedNames {
    /// `plugin__tool`.
    #[default]
    Prefixed,
    /// `tool`, where no other plugin has one of that name.
    Plain,
}

/// What an operator can let assistants do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum McpAllowed {
    /// Merge executions of theirs.
    ExecutionMerge,
}
