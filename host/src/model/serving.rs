//! How the host serves assistants over HTTP.

use std::path::PathBuf;

use serde::Deserialize;

/// An authorization server, whose tokens say who calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthSettings {
    /// Its name: what `iss` of a token has to be.
    pub issuer: String,
    /// What `aud` of a token has to name: by RFC 8707 the address that clients know this server by.
    pub audience: String,
    /// That address, where the audience is something else.
    #[serde(default)]
    pub resource: Option<String>,
    /// Where its keys are published.
    #[serde(default)]
    pub jwks: Option<String>,
    /// A file with its keys, instead.
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// Scopes that each token has to have.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// How often one caller may call: so many at once, and so many a second from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    /// A second.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            per_second: 1000,
            burst: 2000,
        }
    }
}
