//! Which addresses a plugin may open raw sockets to.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::HostPattern;
use super::written::written;
use crate::model::InvalidName;

const RULE: &str = "write `tcp://HOST:PORT [private]` or `udp://HOST:PORT [private]` with one name or address and one port, such as \
                    `tcp://10.0.0.5:5432`";

/// What a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Streams.
    Tcp,
    /// Datagrams.
    Udp,
}

impl Protocol {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// A rule that allows connections to one port of one host. Listening is never granted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketRule {
    /// What it speaks.
    pub protocol: Protocol,
    /// A name or an address; whoever writes an address means it, private or not.
    pub host: HostPattern,
    /// The port.
    pub port: u16,
    /// Whether the host's name may lead to a private address: loopback, a local network, link-local.
    pub private: bool,
}
written!(SocketRule);

impl SocketRule {
    /// Tells whether everything that another rule allows is allowed by this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.protocol == other.protocol
            && self.host == other.host
            && self.port == other.port
            && (self.private || !other.private)
    }
}

impl std::str::FromStr for SocketRule {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || InvalidName::new(text, "a socket grant", RULE);
        let (place, private) = match text.split_once(' ') {
            None => (text, false),
            Some((place, "private")) => (place, true),
            Some(_) => return Err(invalid()),
        };
        let (protocol, rest) = place.split_once("://").ok_or_else(invalid)?;
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => return Err(invalid()),
        };
        let (host, port) = rest.rsplit_once(':').ok_or_else(invalid)?;
        let port = port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(invalid)?;
        let host: HostPattern = host.parse()?;
        match host {
            HostPattern::Name(_) | HostPattern::Address(_) => Ok(Self {
                protocol,
                host,
                port,
                private,
            }),
            HostPattern::Any | HostPattern::Below(_) => Err(invalid()),
        }
    }
}

impl fmt::Display for SocketRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.protocol.name(), self.host, self.port)?;
        f.write_str(if self.private { " private" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_rules_name_one_port_of_one_host() {
        for good in [
            "tcp://db.example.com:5432",
            "udp://10.0.0.5:53",
            "tcp://[::1]:1",
            "tcp://db.example.com:5432 private",
        ] {
            assert_eq!(good.parse::<SocketRule>().unwrap().to_string(), good);
        }
        for bad in [
            "tcp://*:1",
            "tcp://a.b",
            "tcp://a.b:0",
            "http://a.b:1",
            "tcp://a.b:70000",
            "a.b:1",
            "tcp://a.b:1 public",
            "tcp://a.b:1 private private",
        ] {
            assert!(bad.parse::<SocketRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_socket_rule_contains_itself_and_the_same_without_private() {
        let rule = |text: &str| text.parse::<SocketRule>().unwrap();
        assert!(rule("tcp://a.b:1 private").contains(&rule("tcp://a.b:1")));
        assert!(!rule("tcp://a.b:1").contains(&rule("tcp://a.b:1 private")));
        for other in ["udp://a.b:1", "tcp://a.c:1", "tcp://a.b:2"] {
            assert!(!rule("tcp://a.b:1 private").contains(&rule(other)));
        }
    }
}
