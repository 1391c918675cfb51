//! Why a request has no answer.

use crate::bindings::life_cycle::paracle::plugin::types::Capability;
use crate::plugin::Denied;
use crate::tool::ToolError;
use std::fmt;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The operator did not grant it. The host knows what would allow it, and tells the person.
    Denied(Denied),
    /// The URL is none that the host sends requests to.
    Url(String),
    /// A header cannot be sent: its form is not right, or it is the host's to set.
    Header(String),
    /// Nobody is there, or the name is nobody's.
    Unreachable(String),
    /// The other side is not who it should be.
    Tls(String),
    /// It took too long.
    Timeout(String),
    /// The answer is longer than the plugin wants to read.
    TooLong {
        /// How many bytes it would read.
        most: usize,
    },
    /// Anything else: the other side broke off, or does not speak HTTP.
    Failed(String),
}

impl Error {
    /// Makes the refusal that a request met. The words are the host's once it reaches the person.
    pub(super) fn denied(what: &str) -> Self {
        Self::Denied(Denied::not_granted(
            Capability::NetworkAccess,
            &format!("the request to {what} was refused"),
        ))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denied) => f.write_str(&denied.text()),
            Self::Url(why) => write!(f, "the URL cannot be used: {why}"),
            Self::Header(why) => write!(f, "a header cannot be sent: {why}"),
            Self::Unreachable(why) => write!(f, "nobody answers there: {why}"),
            Self::Tls(why) => write!(f, "the other side could not prove who it is: {why}"),
            Self::Timeout(why) => write!(f, "it took too long: {why}"),
            Self::TooLong { most } => write!(f, "the answer is longer than {most} bytes"),
            Self::Failed(why) => write!(f, "the request failed: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// With `?`, a refusal is the tool's refusal, and any other error its failure.
impl From<Error> for ToolError {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) => Self::Permission(denied),
            error => Self::runtime(error),
        }
    }
}

/// With `?`, a refusal is the provider's refusal, what cannot be sent or read a request that is not valid, and any other error a
/// provider that cannot be reached.
impl From<Error> for crate::chat::ChatError {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) => Self::Permission(denied),
            // Asked again, it would be the same.
            error @ (Error::Url(_) | Error::Header(_) | Error::TooLong { .. }) => {
                Self::InvalidRequest(error.to_string())
            }
            error @ (Error::Unreachable(_)
            | Error::Tls(_)
            | Error::Timeout(_)
            | Error::Failed(_)) => Self::Connection(error.to_string()),
        }
    }
}
