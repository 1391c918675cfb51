//! Raw sockets: which names a plugin may look up, and which addresses it may connect to.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;

use super::outward::Outward;
use crate::model::{Grant, HostPattern, Protocol, SocketRule};

impl Outward {
    /// Looks a name up that a socket rule names. The addresses that it has now are those that may be connected to.
    pub async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let name = name.to_ascii_lowercase();
        let granted = self.grant.sockets.iter().any(|rule| match &rule.host {
            HostPattern::Name(granted) => *granted == name,
            HostPattern::Address(_) | HostPattern::Any | HostPattern::Below(_) => false,
        });
        if !granted {
            tracing::info!(target: "http", plugin = %self.plugin, name, "a name lookup was refused");
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let found = self.machine.resolver.resolve(&name).await?;
        self.remember(&name, &found);
        Ok(found)
    }

    /// Decides whether a socket may reach an address. The guest names no host there: what is refused is told as an address.
    pub fn may_connect(&self, protocol: Protocol, to: SocketAddr) -> bool {
        if self.ended().is_cancelled() {
            return false;
        }
        let allowed = self.covers(protocol, to);
        if allowed {
            tracing::info!(target: "http", plugin = %self.plugin, "socket to {to}");
        } else {
            tracing::info!(target: "http", plugin = %self.plugin, "a socket to {to} was refused");
            if to.port() != 0 {
                self.refuse(Grant {
                    sockets: vec![SocketRule {
                        protocol,
                        host: HostPattern::Address(to.ip().to_canonical()),
                        port: to.port(),
                    }],
                    ..Grant::default()
                });
            }
        }
        allowed
    }

    /// Tells whether datagrams from an address are answers of one that may be reached.
    pub fn has_reached(&self, from: SocketAddr) -> bool {
        !self.ended().is_cancelled() && self.covers(Protocol::Udp, from)
    }

    fn covers(&self, protocol: Protocol, to: SocketAddr) -> bool {
        let address = to.ip().to_canonical();
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        self.grant.sockets.iter().any(|rule| {
            rule.protocol == protocol
                && rule.port == to.port()
                && match &rule.host {
                    HostPattern::Address(granted) => granted.to_canonical() == address,
                    HostPattern::Name(name) => found
                        .get(name)
                        .is_some_and(|addresses| addresses.contains(&address)),
                    HostPattern::Any | HostPattern::Below(_) => false,
                }
        })
    }

    /// Tells whether the call has any socket of a kind.
    pub fn has_sockets(&self, protocol: Protocol) -> bool {
        !self.ended().is_cancelled()
            && self
                .grant
                .sockets
                .iter()
                .any(|rule| rule.protocol == protocol)
    }
}
