//! How the host serves assistants over HTTP.

use serde::Deserialize;

/// What `mcp.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServingSettings {
    /// Names that requests may be sent to, besides those of this machine.
    pub hosts: Vec<String>,
    /// Origins of pages whose scripts may call.
    pub origins: Vec<String>,
    /// The largest request, in KiB.
    pub body_kib: u32,
    /// How often one caller may call.
    pub rate: Rate,
    /// How long an execution may be without a call until it is completed, in seconds.
    pub idle_seconds: u32,
}

impl Default for ServingSettings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            origins: Vec::new(),
            body_kib: 4096,
            rate: Rate::default(),
            idle_seconds: 15 * 60,
        }
    }
}

/// How often one caller may call: so many at once, and so many a second from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    /// A second.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            per_second: 1000,
            burst: 2000,
        }
    }
}
