//! Which addresses a plugin may open raw sockets to.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::HostPattern;
use super::written::written;
use crate::model::InvalidName;

const RULE: &str = "write `tcp://HOST:PORT` or `udp://HOST:PORT` with one name or address and one port, such as `tcp://10.0.0.5:5432`";

/// What a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Streams.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A rule that allows connections to one port of one host. Listening is never granted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketRule {
    /// What it speaks.
    pub protocol: Protocol,
    /// A name or an address; whoever writes it means it, private or not.
    pub host: HostPattern,
    /// The port.
    pub port: u16,
}
written!(SocketRule);

impl std::str::FromStr for SocketRule {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || InvalidName::new(text, "a socket grant", RULE);
        let (protocol, rest) = text.split_once("://").ok_or_else(invalid)?;
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
            }),
            HostPattern::Any | HostPattern::Below(_) => Err(invalid()),
        }
    }
}

impl fmt::Display for SocketRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        write!(f, "{protocol}://{}:{}", self.host, self.port)
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
        ] {
            assert!(bad.parse::<SocketRule>().is_err(), "{bad}");
        }
    }
}
