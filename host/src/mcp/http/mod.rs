//! MCP over HTTP: who calls, what each may take, and an end that loses nothing.
//!
//! A request goes through `gate.rs` (who, by `door.rs`; how often, how many at once) to its subject's own service, which keeps that
//! subject's sessions, so that nobody reaches another's. Each caller has an execution of its own (`subject.rs`).

mod body;
mod door;
mod error;
mod gate;
mod listen;
mod metrics;
mod oauth;
mod person;
mod quiet;
mod rate;
mod reply;
mod strangers;
mod subject;
mod tls;
mod tokens;

pub use error::HttpError;
pub use listen::{Listening, Opening};
pub(super) use metrics::Metrics;
pub use oauth::OauthError;
pub use tls::TlsError;
pub use tokens::{TokenError, Tokens, new_token};
