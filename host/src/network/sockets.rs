//! Raw sockets: which names a plugin may look up, which addresses it may connect to, and what that costs it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;

use super::error::SendError;
use super::outward::Outward;
use super::verdict::{self, Verdict};
use crate::model::{Grant, HostPattern, Protocol, SocketRule};
use crate::observe::SocketTold;

impl Outward {
    /// Looks a name up that a socket rule names. The addresses that it has now are those that may be connected to.
    pub async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let name = name.to_ascii_lowercase();
        let named = self.grant.sockets.iter().any(|rule| match &rule.host {
            HostPattern::Name(granted) => *granted == name,
            HostPattern::Address(_) | HostPattern::Any | HostPattern::Below(_) => false,
        });
        // It costs like a connection: it goes to a name server, and holds a thread of the process meanwhile.
        let refused = if self.account.request().is_err() {
            Some(SendError::Limit)
        } else if named {
            None
        } else {
            Some(SendError::Denied)
        };
        if let Some(why) = refused {
            // Whatever a guest takes for a name is told as one line.
            let told = SocketTold {
                plugin: self.plugin.clone(),
                host: name.escape_debug().to_string(),
                to: None,
            };
            self.oversight.told_socket(&told, Some(&why.to_string()));
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let found = self.machine.resolver.resolve(&name).await?;
        self.remember(&name, &found);
        Ok(found)
    }

    /// Decides whether a socket may reach an address, counts it and tells it.
    pub fn may_connect(&self, protocol: Protocol, to: SocketAddr) -> bool {
        if self.ended().is_cancelled() {
            return false;
        }
        let (host, verdict) = self.judge(protocol, to);
        let again = protocol == Protocol::Udp && self.has_sent(to);
        if again && verdict == Verdict::Allowed {
            return true;
        }
        let refused = if self.account.request().is_err() {
            Some(SendError::Limit)
        } else {
            match verdict {
                Verdict::Allowed => None,
                Verdict::Needs(rule) => {
                    // No rule can be for port 0.
                    if rule.port != 0 {
                        self.refuse(Grant {
                            sockets: vec![rule],
                            ..Grant::default()
                        });
                    }
                    Some(SendError::Denied)
                }
                Verdict::Prohibited => Some(SendError::Prohibited {
                    host: host.to_string(),
                }),
            }
        };
        if refused.is_none() && protocol == Protocol::Udp {
            let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
            reached.insert(to);
        }
        let told = SocketTold {
            plugin: self.plugin.clone(),
            host: host.to_string(),
            to: Some((protocol, to)),
        };
        let why = refused.map(|error| error.to_string());
        self.oversight.told_socket(&told, why.as_deref());
        why.is_none()
    }

    /// Tells whether datagrams from an address are answers of one that may be reached.
    pub fn has_reached(&self, from: SocketAddr) -> bool {
        !self.ended().is_cancelled() && self.judge(Protocol::Udp, from).1 == Verdict::Allowed
    }

    /// Counts bytes that a socket sends; an error ends the call.
    pub fn sent(&self, bytes: usize) -> Result<(), SendError> {
        self.account.sent(bytes).map_err(|_| SendError::Limit)
    }

    /// Counts bytes that a socket received; an error ends the call.
    pub fn received(&self, bytes: usize) -> Result<(), SendError> {
        self.account.received(bytes).map_err(|_| SendError::Limit)
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

    fn has_sent(&self, to: SocketAddr) -> bool {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.contains(&to)
    }

    /// Judges an address by each name that the guest was told it for, and by itself. A guest names no host where it connects:
    /// the reading that allows most counts, and of several that allow nothing the one that a rule is for.
    fn judge(&self, protocol: Protocol, to: SocketAddr) -> (HostPattern, Verdict<SocketRule>) {
        let address = to.ip().to_canonical();
        let itself = HostPattern::Address(address);
        let mut best = self.judge_host(protocol, to.port(), &itself, &[address]);
        let mut host = itself;
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, addresses) in found.iter().filter(|(_, found)| found.contains(&address)) {
            let name = HostPattern::Name(name.clone());
            let judged = self.judge_host(protocol, to.port(), &name, addresses);
            if judged.0 > best.0 {
                (best, host) = (judged, name);
            }
        }
        (host, best.1)
    }

    /// Returns the verdict over a host, and how much it says: the more, the better it fits.
    fn judge_host(
        &self,
        protocol: Protocol,
        port: u16,
        host: &HostPattern,
        found: &[IpAddr],
    ) -> (u8, Verdict<SocketRule>) {
        let named = |rule: &SocketRule| match (&rule.host, host) {
            (HostPattern::Address(granted), HostPattern::Address(address)) => {
                granted.to_canonical() == *address
            }
            (granted, host) => granted == host,
        };
        let rules = self.grant.sockets.iter();
        let covering: Vec<&SocketRule> = rules
            .filter(|rule| rule.protocol == protocol && rule.port == port && named(rule))
            .collect();
        let words = covering.iter().map(|rule| (host, rule.private));
        let verdict = verdict::of(host, found, words, |private| SocketRule {
            protocol,
            host: host.clone(),
            port,
            private,
        });
        let fits = match (&verdict, host) {
            (Verdict::Allowed, _) => 4,
            _ if !covering.is_empty() => 3,
            (Verdict::Needs(rule), HostPattern::Name(_)) if !rule.private => 2,
            (_, HostPattern::Name(_)) => 1,
            (_, HostPattern::Address(_) | HostPattern::Any | HostPattern::Below(_)) => 0,
        };
        (fits, verdict)
    }
}
