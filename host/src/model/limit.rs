//! How much one call may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A limit that a call can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitName {
    /// Linear memory, summed over memories.
    Memory,
    /// Wall time.
    Time,
    /// Bytes of the result.
    Result,
    /// HTTP requests.
    HttpRequests,
    /// Bytes sent over HTTP.
    HttpOut,
    /// Bytes received over HTTP.
    HttpIn,
}

impl std::fmt::Display for LimitName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Time => "time",
            Self::Result => "result size",
            Self::HttpRequests => "HTTP request",
            Self::HttpOut => "HTTP upload",
            Self::HttpIn => "HTTP download",
        })
    }
}

impl LimitName {
    /// Returns the key that changes the limit in `plugins.yaml`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Memory => "memory_mib",
            Self::Time => "time_ms",
            Self::Result => "result_kib",
            Self::HttpRequests => "http_requests",
            Self::HttpOut => "http_out_kib",
            Self::HttpIn => "http_in_kib",
        }
    }
}

/// The limits of a plugin's calls, all on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Linear memory in MiB.
    pub memory_mib: u32,
    /// Wall time in milliseconds.
    pub time_ms: u64,
    /// The result in KiB.
    pub result_kib: u32,
    /// Files and directories that a call may make or change in its workspace.
    pub files: u32,
    /// What a call may write to its workspace, in MiB.
    pub write_mib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// What applies where the operator says nothing.
    pub const DEFAULT: Self = Self {
        // A Python guest needs about 60 MiB; nothing honest needs more than this without saying so.
        memory_mib: 256,
        time_ms: 30_000,
        result_kib: 4 * 1024,
        files: 20_000,
        write_mib: 512,
    };

    /// The most that any plugin can be given, in MiB: the size of a pooled memory slot.
    pub const MOST_MEMORY_MIB: u32 = 2048;

    /// The longest time that any call can be given: a day.
    pub const MOST_TIME_MS: u64 = 86_400_000;

    /// How deep plugins may call each other.
    pub const MOST_DEPTH: u8 = 4;

    /// Returns the memory limit in bytes.
    pub const fn memory(&self) -> usize {
        (self.memory_mib as usize) << 20
    }

    /// Returns the time limit.
    pub const fn time(&self) -> Duration {
        Duration::from_millis(self.time_ms)
    }

    /// Returns the result limit in bytes.
    pub const fn result(&self) -> usize {
        (self.result_kib as usize) << 10
    }
}

/// What a call took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Wall time in microseconds.
    pub time_us: u64,
    /// The most linear memory at once, in bytes.
    pub memory: u64,
}
