//! What a call took.

use serde::{Deserialize, Serialize};

/// What a call took, each beside its limit; what it called is counted there, but for time and CPU time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Wall time in microseconds.
    pub time_us: u64,
    /// Processor time in microseconds, calls inside the call included.
    pub cpu_us: u64,
    /// The most linear memory at once, in bytes.
    pub memory: u64,
    /// The most elements of tables at once.
    pub table_elements: u64,
    /// Calls from the guest into the host.
    pub host_calls: u64,
    /// Lines logged.
    pub log_lines: u64,
    /// Bytes logged.
    pub log_bytes: u64,
    /// Bytes of the answer.
    pub result_bytes: u64,
    /// HTTP requests, and connections and look-ups of raw sockets.
    pub http_requests: u64,
    /// Bytes of HTTP responses, and those that raw sockets received.
    pub http_in: u64,
    /// Bytes of HTTP requests, and those that raw sockets sent.
    pub http_out: u64,
    /// Files and directories made or changed.
    pub files: u64,
    /// Bytes written to files.
    pub written: u64,
    /// The most descriptors, streams and other resources open at once.
    pub handles: u64,
    /// How many plugins stood behind the call.
    pub depth: u64,
}
