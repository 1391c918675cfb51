//! Hosts, as a rule names them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::model::InvalidName;

const RULE: &str = "write a lower-case name such as `api.example.com`, `*.example.com` for the names below one, an address such as \
                    `10.0.0.5` or `[::1]`, or `*`";

/// Which hosts a rule is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Every host with a public address.
    Any,
    /// Every name below this one, and not the name itself.
    Below(String),
    /// One name.
    Name(String),
    /// One address, which may be private: whoever writes it means it.
    Address(IpAddr),
}

impl HostPattern {
    /// Tells whether it is a name of the machine's own, whatever somebody answers for it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Self::Any | Self::Below(_) | Self::Address(_) => false,
        }
    }

    /// Tells whether the pattern names a host; `host` is a lower-case name or an address, as [`parse_host`] gives it.
    pub fn covers(&self, host: &Self) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Below(above), Self::Name(name) | Self::Below(name)) => {
                name.strip_suffix(above.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
                    || matches!(host, Self::Below(below) if below == above)
            }
            (Self::Name(_) | Self::Address(_), _) => self == host,
            (Self::Below(_), Self::Any | Self::Address(_)) => false,
        }
    }
}

/// Reads one host, without patterns: a name, or an address in its usual form.
///
/// The forms that some resolvers read as addresses (`2130706433`, `0x7f.1`, `127.1`, `0177.0.0.1`) are no names.
pub(super) fn parse_host(text: &str) -> Result<HostPattern, InvalidName> {
    let invalid = || InvalidName::new(text, "a host", RULE);
    if let Some(inside) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let address: Ipv6Addr = inside.parse().map_err(|_| invalid())?;
        return Ok(HostPattern::Address(address.into()));
    }
    if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
        return Ok(HostPattern::Address(address.into()));
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    // A last label that is a number makes the whole a number to those resolvers.
    let number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    if text.len() <= 253 && text.split('.').all(label) && !number {
        Ok(HostPattern::Name(text.to_owned()))
    } else {
        Err(invalid())
    }
}

impl std::str::FromStr for HostPattern {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text == "*" {
            return Ok(Self::Any);
        }
        match text.strip_prefix("*.") {
            Some(above) => match parse_host(above)? {
                Self::Name(name) => Ok(Self::Below(name)),
                Self::Any | Self::Below(_) | Self::Address(_) => {
                    Err(InvalidName::new(text, "a host", RULE))
                }
            },
            None => parse_host(text),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_strictly() {
        for good in [
            "*",
            "*.example.com",
            "example.com",
            "localhost",
            "10.0.0.5",
            "[::1]",
            "a_b.c-d.e",
        ] {
            assert_eq!(good.parse::<HostPattern>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            ".",
            "a..b",
            "a.",
            "-a",
            "Example.com",
            "*.*.com",
            "*.10.0.0.5",
            "2130706433",
            "0x7f.1",
            "127.1",
            "0177.0.0.1",
            "0x7f000001",
            "a b",
            "a/b",
            "a@b",
            "a:1",
            "[::1",
            "::1",
            "exämple.com",
            "*com",
        ] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_pattern_covers_what_is_below_it_and_nothing_else() {
        let covers = |pattern: &str, host: &str| {
            let (pattern, host): (HostPattern, HostPattern) =
                (pattern.parse().unwrap(), host.parse().unwrap());
            pattern.covers(&host)
        };
        assert!(covers("*.example.com", "a.example.com"));
        assert!(covers("*.example.com", "a.b.example.com"));
        assert!(covers("*.example.com", "*.example.com"));
        assert!(covers("*.example.com", "*.b.example.com"));
        assert!(!covers("*.example.com", "example.com"));
        assert!(!covers("*.example.com", "badexample.com"));
        assert!(!covers("*.example.com", "*"));
        assert!(!covers("example.com", "*.example.com"));
        assert!(!covers("example.com", "example.com.evil.org"));
        assert!(covers("*", "10.0.0.5"));
    }
}
