//! How a plugin's requests and raw sockets leave the machine: which address a name is, whether a rule allows it, connecting, quotas, secrets.
//!
//! Does not know about wasm, git or who calls. All that a call may reach is in its [`Outward`]; without one there is no way
//! out. An address is looked up once, decided, and connected to: nothing is looked up again between the two.
#![deny(clippy::wildcard_enum_match_arm)]

mod account;
mod address;
mod body;
mod counted;
mod decide;
mod dial;
mod error;
mod headers;
mod outward;
mod oversight;
mod resolve;
mod secret;
mod send;
mod sockets;
#[cfg(test)]
mod tests;
mod tls;
mod verdict;

pub use body::ResponseBody;
pub use error::SendError;
pub use headers::forbidden;
pub use outward::{Machine, Outward};
pub use oversight::Oversight;
pub use resolve::{Resolve, SystemResolver};
pub use secret::{NoSecrets, SecretError, Secrets};
pub use send::{Answered, Timeouts, send};
pub use tls::{Roots, RootsError};
