//! What a rule allows.

use serde::{Deserialize, Serialize};

use super::parts::{Methods, PortPattern, Scheme};
use super::request::HttpRequest;
use crate::model::HostPattern;
use crate::model::authority::written::written;

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

    pub(super) fn path_covers(&self, path: &str) -> bool {
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
