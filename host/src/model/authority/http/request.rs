//! A request, before it is known whether it may go.

use super::parts::{Methods, PortPattern, Scheme, is_method};
use super::rule::HttpRule;
use crate::model::InvalidName;
use crate::model::authority::host::{HostPattern, parse_host};

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
