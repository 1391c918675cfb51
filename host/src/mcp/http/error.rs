//! Why nothing is served over HTTP.

use std::net::SocketAddr;

/// Why nothing is served over HTTP.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Anybody could call.
    #[error(
        "{address} can be reached from other machines, and whoever reaches it could call every tool: bind 127.0.0.1, or make a \
         token with `paracle-host mcp token new` and name its file with --token-file"
    )]
    Open {
        /// Where it would have listened.
        address: SocketAddr,
    },
    /// The address cannot be had.
    #[error(
        "cannot listen on {address}: {source}; another port may be free, and port 0 takes any that is"
    )]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}
