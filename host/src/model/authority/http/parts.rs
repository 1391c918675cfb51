//! What rules and requests are made of: scheme, methods and ports.

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
    pub(super) fn covers(&self, method: &str) -> bool {
        match self {
            Self::Safe => matches!(method, "GET" | "HEAD"),
            Self::Any => true,
            Self::Only(methods) => methods.iter().any(|one| one == method),
        }
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
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

/// Tells whether a text is a method that a rule can name.
pub(super) fn is_method(method: &str) -> bool {
    !method.is_empty()
        && method.len() <= 20
        && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}
