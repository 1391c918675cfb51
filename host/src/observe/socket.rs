//! Which raw connections a plugin made: to whom, never what went through them.

use std::net::SocketAddr;

use crate::model::Protocol;

/// A connection of a raw socket that a plugin made, or wanted to make; or a name that it wanted to look up for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketTold {
    /// Which plugin.
    pub plugin: String,
    /// The name that was looked up for the address, or the address.
    pub host: String,
    /// How, and to which address and port; none for a name that was not looked up.
    pub to: Option<(Protocol, SocketAddr)>,
}

/// Logs a connection.
pub(super) fn log(told: &SocketTold, refused: Option<&str>) {
    let SocketTold { plugin, host, to } = told;
    let place = match to {
        None => format!("look-up of {host}"),
        Some((protocol, to)) => {
            format!("{}://{host}:{} at {}", protocol.name(), to.port(), to.ip())
        }
    };
    match refused {
        None => tracing::info!(target: "http", plugin, "{place}"),
        Some(why) => tracing::info!(target: "http", plugin, refused = why, "{place}"),
    }
}
