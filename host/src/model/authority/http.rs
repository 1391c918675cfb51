//! Which HTTP requests a plugin may make.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::HostPattern;
use super::host::parse_host;
use super::written::written;
use crate::model::InvalidName;

const RULE: &str = "write `[METHOD,…] SCHEME://HOST[:PORT][/PATH] [private]`, such as `https://*.example.com` or \
                    `GET,POST https://api.example.com:8443/v1`; no method means GET and HEAD, `*` all";

/// How a request is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Returns the port that is meant where none is written.
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Which methods a rule is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Methods {
    /// GET and HEAD, which change nothing.
    Safe,
    /// All.
    Any,
    /// These, in upper case.
    Only(Vec<String>),
}

impl Methods {
    fn covers(&self, method: &str) -> bool {
        match self {
            Self::Safe => matches!(method, "GET" | "HEAD"),
            Self::Any => true,
            Self::Only(methods) => methods.iter().any(|one| one == method),
        }
    }

    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (_, Self::Any) => false,
            (_, Self::Safe) => self.covers("GET") && self.covers("HEAD"),
            (_, Self::Only(methods)) => methods.iter().all(|method| self.covers(method)),
        }
    }
}

/// Which ports a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortPattern {
    /// The scheme's own.
    Usual,
    /// Every port.
    Any,
    /// One.
    One(u16),
}

/// A rule that allows HTTP requests: scheme, host, port, methods and the beginning of the path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpRule {
    /// Which methods.
    pub methods: Methods,
    /// How it is carried.
    pub scheme: Scheme,
    /// Which hosts.
    pub host: HostPattern,
    /// Which ports.
    pub port: PortPattern,
    /// What the path begins with, at the border of a segment; `/` is every path.
    pub path: String,
    /// Whether the host's name may lead to a private address: loopback, a local network, link-local.
    pub private: bool,
}
written!(HttpRule);

/// A request, as far as a rule looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// In upper case.
    pub method: String,
    /// How it is carried.
    pub scheme: Scheme,
    /// A name or an address, no pattern.
    pub host: HostPattern,
    /// The port, always known.
    pub port: u16,
    /// The path, without the query.
    pub path: String,
}

impl HttpRequest {
    /// Reads the parts of a request; a host in an unusual form is refused.
    pub fn new(
        method: &str,
        scheme: Scheme,
        host: &str,
        port: Option<u16>,
        path: &str,
    ) -> Result<Self, InvalidName> {
        let method = method.to_ascii_uppercase();
        // Nothing but what a rule can name: it becomes one, and stands in a question to the person.
        if !is_method(&method) {
            return Err(InvalidName::new(
                &method,
                "a method",
                "use letters and `-`, at most 20",
            ));
        }
        Ok(Self {
            method,
            scheme,
            host: parse_host(&host.to_ascii_lowercase())?,
            port: port.unwrap_or_else(|| scheme.port()),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
        })
    }

    /// Returns the narrowest rule that allows the request, whatever its path.
    pub fn rule(&self) -> HttpRule {
        HttpRule {
            methods: if Methods::Safe.covers(&self.method) {
                Methods::Safe
            } else {
                Methods::Only(vec![self.method.clone()])
            },
            scheme: self.scheme,
            host: self.host.clone(),
            port: if self.port == self.scheme.port() {
                PortPattern::Usual
            } else {
                PortPattern::One(self.port)
            },
            path: "/".to_owned(),
            // A name that always leads to this machine is of no use without.
            private: self.host.is_local(),
        }
    }
}

fn is_method(method: &str) -> bool {
    !method.is_empty()
        && method.len() <= 20
        && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}

impl HttpRule {
    /// Tells whether the rule allows a request; whether its address may be used is decided where it is resolved.
    pub fn covers(&self, request: &HttpRequest) -> bool {
        self.methods.covers(&request.method)
            && self.scheme == request.scheme
            && self.host.covers(&request.host)
            && match self.port {
                PortPattern::Usual => request.port == self.scheme.port(),
                PortPattern::Any => true,
                PortPattern::One(port) => request.port == port,
            }
            && self.path_covers(&request.path)
    }

    /// Tells whether everything that another rule allows is allowed by this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.methods.contains(&other.methods)
            && self.scheme == other.scheme
            && self.host.covers(&other.host)
            && match (self.port, other.port) {
                (PortPattern::Any, _) | (PortPattern::Usual, PortPattern::Usual) => true,
                (PortPattern::Usual, PortPattern::One(port))
                | (PortPattern::One(port), PortPattern::Usual) => port == self.scheme.port(),
                (PortPattern::One(one), PortPattern::One(port)) => one == port,
                (PortPattern::Usual | PortPattern::One(_), PortPattern::Any) => false,
            }
            && self.path_covers(&other.path)
            && (self.private || !other.private)
    }

    fn path_covers(&self, path: &str) -> bool {
        if self.path == "/" {
            return true;
        }
        // Whatever a server may read as another path than it seems is not below any.
        let lower = path.to_ascii_lowercase();
        let twisted = path.split('/').any(|segment| matches!(segment, "." | ".."))
            || [
                "%2e", "%2f", "%5c", "%25", "%3b", "%0", "%1", "%7f", "\\", "//", ";",
            ]
            .iter()
            .any(|twist| lower.contains(twist));
        !twisted
            && path
                .strip_prefix(self.path.trim_end_matches('/'))
                .is_some_and(|rest| {
                    rest.starts_with('/') || (rest.is_empty() && !self.path.ends_with('/'))
                })
    }
}

impl std::str::FromStr for HttpRule {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || InvalidName::new(text, "a network grant", RULE);
        let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
        let private = words.last() == Some(&"private");
        if private {
            words.pop();
        }
        let (methods, url) = match words[..] {
            [url] => (Methods::Safe, url),
            ["*", url] => (Methods::Any, url),
            [methods, url] => {
                let methods: Vec<String> = methods.split(',').map(str::to_owned).collect();
                if !methods.iter().all(|method| is_method(method)) {
                    return Err(invalid());
                }
                (Methods::Only(methods), url)
            }
            _ => return Err(invalid()),
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(invalid()),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        // A colon inside of brackets is the address's own.
        let (host, port) = match authority
            .rfind(':')
            .filter(|at| !authority[*at..].contains(']'))
        {
            None => (authority, PortPattern::Usual),
            Some(at) => match &authority[at + 1..] {
                "*" => (&authority[..at], PortPattern::Any),
                port => {
                    let port = port.parse().ok().filter(|port| *port != 0);
                    (
                        &authority[..at],
                        PortPattern::One(port.ok_or_else(invalid)?),
                    )
                }
            },
        };
        let rule = Self {
            methods,
            scheme,
            host: host.parse()?,
            port,
            path: path.to_owned(),
            private,
        };
        let plain = path.bytes().all(|b| b.is_ascii_graphic()) && !path.contains(['?', '#', '*']);
        if plain && rule.path_covers(path) || rule.path == "/" {
            Ok(rule)
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for HttpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.methods {
            Methods::Safe => {}
            Methods::Any => f.write_str("* ")?,
            Methods::Only(methods) => write!(f, "{} ", methods.join(","))?,
        }
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        match self.port {
            PortPattern::Usual => {}
            PortPattern::Any => f.write_str(":*")?,
            PortPattern::One(port) => write!(f, ":{port}")?,
        }
        if self.path != "/" {
            f.write_str(&self.path)?;
        }
        if self.private {
            f.write_str(" private")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> HttpRule {
        text.parse().unwrap()
    }

    fn request(method: &str, url: &str) -> HttpRequest {
        let as_rule = rule(url);
        let port = match as_rule.port {
            PortPattern::One(port) => Some(port),
            PortPattern::Usual | PortPattern::Any => None,
        };
        HttpRequest::new(
            method,
            as_rule.scheme,
            &as_rule.host.to_string(),
            port,
            &as_rule.path,
        )
        .unwrap()
    }

    #[test]
    fn rules_are_written_as_they_were_read() {
        for text in [
            "https://api.example.com",
            "http://127.0.0.1:8080/v1",
            "* https://*.example.com:*",
            "GET,POST https://api.example.com:8443/v1/",
            "https://* private",
            "https://[::1]:8443",
        ] {
            assert_eq!(rule(text).to_string(), text);
        }
        for text in [
            "",
            "example.com",
            "ftp://a.b",
            "https://",
            "https://a.b:0",
            "https://a.b:99999",
            "get https://a.b",
            "https://u@a.b",
            "https://a.b/?q",
            "https://a.b/#x",
            "https://a.b/../x",
            "https://a.b/%2e",
            "A B https://a.b",
            "https://a.b/*",
            "https://a.b public",
        ] {
            assert!(text.parse::<HttpRule>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_rule_covers_its_requests_and_no_others() {
        let read = rule("https://api.example.com/v1");
        assert!(read.covers(&request("GET", "https://api.example.com/v1")));
        assert!(read.covers(&request("head", "https://api.example.com/v1/models")));
        assert!(!read.covers(&request("POST", "https://api.example.com/v1")));
        assert!(!read.covers(&request("GET", "https://api.example.com/v10")));
        assert!(!read.covers(&request("GET", "https://api.example.com:8443/v1")));
        assert!(!read.covers(&request("GET", "http://api.example.com/v1")));
        assert!(!read.covers(&request("GET", "https://example.com/v1")));
        let mut twisted = request("GET", "https://api.example.com/v1");
        for path in [
            "/v1/../admin",
            "/v1/%2e%2E/admin",
            "/v1/..%2fadmin",
            "/v1\\..\\x",
            "/v1//x",
            "/v1/..;/x",
            "/v1/%252e%252e/x",
            "/v1/.%09./x",
        ] {
            twisted.path = path.to_owned();
            assert!(!read.covers(&twisted), "{path}");
        }
        assert!(rule("POST https://*:*").covers(&request("POST", "https://a.b:1234/x")));
    }

    #[test]
    fn what_a_request_would_need_is_a_rule_that_can_be_read_back_and_no_wider() {
        for method in ["GET", "post", "M-SEARCH"] {
            let request = HttpRequest::new(method, Scheme::Https, "a.b", Some(8443), "/x").unwrap();
            let rule = request.rule();
            assert_eq!(rule.to_string().parse(), Ok(rule.clone()));
            assert!(rule.covers(&request));
        }
        for method in ["", "*", "M_1.X", "A B", "GET,POST", &"A".repeat(21)] {
            assert!(
                HttpRequest::new(method, Scheme::Https, "a.b", None, "/").is_err(),
                "{method}"
            );
        }
        let local = HttpRequest::new("GET", Scheme::Http, "localhost", Some(80), "/").unwrap();
        assert!(local.rule().private);
    }

    #[test]
    fn a_rule_contains_narrower_ones() {
        let wide = rule("GET,POST https://*.example.com/v1");
        assert!(wide.contains(&rule("POST https://a.example.com/v1/x")));
        assert!(
            !wide.contains(&rule("https://a.example.com/v1")),
            "HEAD is not in it"
        );
        assert!(!wide.contains(&rule("POST https://a.example.com")));
        assert!(!wide.contains(&rule("POST https://a.example.com/v1 private")));
        assert!(rule("* https://*:*").contains(&wide));
        assert!(rule("https://a.b:443").contains(&rule("https://a.b")));
    }
}
