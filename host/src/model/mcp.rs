//! What is configured of the edge towards assistants.

use serde::Deserialize;

/// What `mcp.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct McpSettings {
    /// After how long a call of a tool that can be a task becomes one, in milliseconds.
    pub task_after_ms: u64,
}

impl Default for McpSettings {
    fn default() -> Self {
        Self {
            // A person waits this long without wondering; many clients give a request up after a minute.
            task_after_ms: 10_000,
        }
    }
}
