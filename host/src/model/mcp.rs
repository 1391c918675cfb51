//! What is configured of the edge towards assistants.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Grant, OauthSettings, Rate};

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
    /// Names that requests over HTTP may be sent to, besides those of this machine.
    pub hosts: Vec<String>,
    /// Origins of pages whose scripts may call.
    pub origins: Vec<String>,
    /// Whether a proxy before this process ends TLS.
    pub behind_proxy: bool,
    /// The largest request, in KiB.
    pub body_kib: u32,
    /// How often one caller may call.
    pub rate: Rate,
    /// How long an execution may be without a call until it is completed, in seconds.
    pub idle_seconds: u32,
    /// Whose tokens say who calls.
    pub oauth: Option<OauthSettings>,
    /// The most that whoever has a scope may have; none gives all callers what the operator granted.
    pub scopes: Option<BTreeMap<String, Grant>>,
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
            hosts: Vec::new(),
            origins: Vec::new(),
            behind_proxy: false,
            body_kib: 4096,
            rate: Rate::default(),
            idle_seconds: 15 * 60,
            oauth: None,
            scopes: None,
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
