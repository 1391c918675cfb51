//! What `mcp.yaml` says of the authorization server, read once, and what clients are told of it.

use std::path::{Path, PathBuf};

use http::Uri;
use http::uri::Scheme;
use serde_json::json;

use super::keys::{Keys, Source};
use super::signature;
use super::verify::{self, TokenRefused};
use crate::flow::Host;
use crate::mcp::http::subject::Identity;
use crate::model::{McpSettings, OauthSettings};

/// Where the metadata is, by RFC 9728.
pub(in crate::mcp::http) const METADATA: &str = "/.well-known/oauth-protected-resource";
/// The same, for a resource with a path.
pub(in crate::mcp::http) const METADATA_OF_MCP: &str = "/.well-known/oauth-protected-resource/mcp";

/// Why an authorization server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// An address is none, or is reached in the clear.
    #[error(
        "`oauth.{key}` of .parac/config/mcp.yaml is {value:?}: it has to be an https address without a query and without a name and \
         password in it; http is for this machine alone"
    )]
    Address {
        /// Which key.
        key: &'static str,
        /// What is there.
        value: String,
    },
    /// Nothing says where the keys are, or two things do.
    #[error(
        "`oauth` of .parac/config/mcp.yaml needs one of `jwks`, the address of the keys, and `jwks_file`"
    )]
    Keys,
    /// A scope's name cannot be one.
    #[error("{0:?} of .parac/config/mcp.yaml cannot be the name of a scope")]
    Scope(String),
    /// The file of keys cannot be read.
    #[error("cannot use the keys in {}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
    },
}

/// An authorization server whose tokens are good here.
#[derive(Debug)]
pub(in crate::mcp::http) struct Oauth {
    settings: OauthSettings,
    /// The scopes that `mcp.yaml` says something of.
    configured: Vec<String>,
    keys: Keys,
    metadata: String,
    challenge: String,
}

impl Oauth {
    /// Reads what is configured; folders begin in the one that is served.
    pub(in crate::mcp::http) fn open(
        settings: &OauthSettings,
        mcp: &McpSettings,
        directory: &Path,
    ) -> Result<Self, OauthError> {
        signature::install();
        let (key, resource) = match &settings.resource {
            Some(resource) => ("resource", resource),
            None => ("audience", &settings.audience),
        };
        let at = address(key, resource)?;
        // The issuer is a name to compare, and clients go there.
        address("issuer", &settings.issuer)?;
        let configured: Vec<String> = mcp
            .scopes
            .iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let scopes: Vec<&String> = configured.iter().chain(&settings.scopes).collect();
        // By RFC 6749: no space, no quote, no backslash.
        let fits = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        };
        if let Some(bad) = scopes.iter().find(|name| !fits(name)) {
            return Err(OauthError::Scope((*bad).clone()));
        }
        let mut supported: Vec<&String> = scopes.clone();
        supported.sort();
        supported.dedup();
        let source = match (&settings.jwks, &settings.jwks_file) {
            (Some(url), None) => {
                address("jwks", url)?;
                Source::Address(url.clone())
            }
            (None, Some(path)) => Source::File(directory.join(path)),
            (None, None) | (Some(_), Some(_)) => return Err(OauthError::Keys),
        };
        let metadata = json!({
            "resource": resource,
            "authorization_servers": [settings.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": supported,
            "resource_name": "paracle-host",
        });
        let root = format!(
            "{}://{}",
            at.scheme_str().unwrap_or("https"),
            at.authority().map_or("", http::uri::Authority::as_str)
        );
        let path = if at.path() == "/mcp" {
            METADATA_OF_MCP
        } else {
            METADATA
        };
        let mut challenge = format!("Bearer resource_metadata=\"{root}{path}\"");
        // What a client should ask for: what is needed, or else all there is.
        let wanted: Vec<&str> = if settings.scopes.is_empty() {
            supported.iter().map(|name| name.as_str()).collect()
        } else {
            settings.scopes.iter().map(String::as_str).collect()
        };
        if !wanted.is_empty() {
            challenge = format!("{challenge}, scope=\"{}\"", wanted.join(" "));
        }
        Ok(Self {
            settings: settings.clone(),
            keys: Keys::open(source)?,
            metadata: metadata.to_string(),
            challenge,
            configured,
        })
    }

    /// Returns the port that keys are fetched from.
    pub(in crate::mcp::http) fn port(&self) -> Option<u16> {
        let at: Uri = self.settings.jwks.as_ref()?.parse().ok()?;
        let usual = if at.scheme() == Some(&Scheme::HTTP) {
            80
        } else {
            443
        };
        Some(at.port_u16().unwrap_or(usual))
    }

    /// Returns the file that keys are read from.
    pub(in crate::mcp::http) fn file(&self) -> Option<&Path> {
        self.keys.file()
    }

    /// Returns who is vouched for here.
    pub(in crate::mcp::http) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Returns what clients are told.
    pub(in crate::mcp::http) fn metadata(&self) -> &str {
        &self.metadata
    }

    /// Returns where they are told it.
    pub(in crate::mcp::http) fn challenge(&self) -> &str {
        &self.challenge
    }

    /// Tells whose a token is.
    pub(in crate::mcp::http) async fn who(
        &self,
        token: &str,
        host: &Host,
    ) -> Result<Identity, TokenRefused> {
        let claims = verify::verify(token, &self.settings, &self.keys, host).await?;
        let has = claims.scopes();
        let lacks = |scope: &String| !has.contains(&scope.as_str());
        if self.settings.scopes.iter().any(lacks) {
            return Err(TokenRefused::Scopes);
        }
        let configured = self.configured.iter();
        Ok(Identity {
            scopes: configured.filter(|scope| !lacks(scope)).cloned().collect(),
            name: Some(claims.subject()?),
        })
    }
}

/// Reads an address that tokens may depend on.
fn address(key: &'static str, text: &str) -> Result<Uri, OauthError> {
    let bad = || OauthError::Address {
        key,
        value: text.to_owned(),
    };
    let uri: Uri = text.parse().map_err(|_| bad())?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let here = host.parse::<std::net::IpAddr>();
    let here = host == "localhost" || here.is_ok_and(|address| address.is_loopback());
    let safe = match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => here,
        Some(_) | None => false,
    };
    let plain = !text.contains(['#', '?', '@', '"', '\\']);
    if safe && plain { Ok(uri) } else { Err(bad()) }
}
