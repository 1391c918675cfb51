//! Authority that reaches outside of the repository, as a person writes it: one text a rule.

mod directory;
mod host;
mod http;
mod secret;
mod socket;
mod written;

pub use directory::DirectoryRule;
pub use host::HostPattern;
pub use http::{HttpRequest, HttpRule, Methods, PortPattern, Scheme};
pub use secret::{SecretName, SecretRule};
pub use socket::{Protocol, SocketRule};
