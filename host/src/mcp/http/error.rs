//! Why nothing is served over HTTP.

use std::net::SocketAddr;

use super::oauth::OauthError;
use super::tls::TlsError;

/// Why nothing is served over HTTP.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Anybody could call.
    #[error(
        "{address} can be reached from other machines, and whoever reaches it could call every tool: bind 127.0.0.1, or make a \
         token with `paracle-host mcp token new` and name its file with --token-file, or say in mcp.yaml whose tokens are good (`oauth`)"
    )]
    Open {
        /// Where it would have listened.
        address: SocketAddr,
    },
    /// Whoever is on the way could read the tokens.
    #[error(
        "{address} can be reached from other machines, and tokens would go there in the clear: give --tls-cert and --tls-key, or write \
         `behind_proxy: true` into .parac/config/mcp.yaml if a proxy before this process ends TLS"
    )]
    Clear {
        /// Where it would have listened.
        address: SocketAddr,
    },
    /// Two things say who calls.
    #[error(
        "tokens of a file and those of `oauth` in .parac/config/mcp.yaml cannot both say who calls: leave one out"
    )]
    Both,
    /// The authorization server cannot be used.
    #[error(transparent)]
    Oauth(#[from] OauthError),
    /// There is no TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
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
