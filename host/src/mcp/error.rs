//! Why serving ended badly.

use crate::flow::CallError;
use crate::model::ExecutionId;

/// Why a connection could not be served to its end.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    /// Standard input or output cannot be used.
    #[error(
        "standard input and output cannot be used for MCP: {source}; start the server from a client, or with both connected"
    )]
    Stdio {
        /// What the system said.
        source: std::io::Error,
    },
    /// The client and the server did not agree.
    #[error(
        "the MCP handshake failed: {reason}; the client has to speak a protocol version between 2024-11-05 and 2026-07-28"
    )]
    Handshake {
        /// What happened, one line.
        reason: String,
    },
    /// The connection's loop broke.
    #[error("the MCP connection broke inside: {reason}; this is a bug, please report it")]
    Inside {
        /// What happened.
        reason: String,
    },
    /// The connection's execution could not be completed.
    #[error(
        "the connection ended, and its execution {execution} could not be completed: {source}; `paracle-host execution show {execution}` tells where it stands"
    )]
    Complete {
        /// Which.
        execution: ExecutionId,
        /// Why not.
        source: CallError,
    },
}
