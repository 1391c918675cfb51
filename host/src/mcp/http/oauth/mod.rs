//! OAuth 2.1: this server takes an authorization server's tokens, and says whose (RFC 9728).
//!
//! It keeps no token, and passes none on.

mod keys;
mod resource;
mod signature;
mod verify;

pub use resource::OauthError;
pub(super) use resource::{METADATA, METADATA_OF_MCP, Oauth};
pub(super) use verify::TokenRefused;
