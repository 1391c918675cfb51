//! One token: whose it is, if it is good here and now.

use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::keys::Keys;
use super::signature::ALGORITHMS;
use crate::flow::Host;
use crate::model::{OauthSettings, is_hidden};

/// No honest token is longer.
const LONGEST: usize = 16 << 10;
/// How far clocks may be apart, in seconds.
const APART: u64 = 60;
/// The longest name that somebody may have, in characters: it stands in each record of what they do.
const LONGEST_NAME: usize = 256;

/// Why a token is not good.
#[derive(Debug, thiserror::Error)]
pub(in crate::mcp::http) enum TokenRefused {
    /// It is none.
    #[error("it is no signed token, or one by an algorithm that is not taken")]
    Form,
    /// Nothing is known of who made it.
    #[error("no key of the authorization server fits it")]
    Key,
    /// The signature or what it says is wrong.
    #[error("{0}")]
    Checked(#[from] jsonwebtoken::errors::Error),
    /// It names nobody.
    #[error("its `sub` is no name")]
    Subject,
    /// It lacks scopes that each has to have.
    #[error("it lacks a scope")]
    Scopes,
}

/// What a token says that counts here.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    sub: String,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    scp: Value,
}

impl Claims {
    /// Returns the scopes: in one text, or in a list, as some servers have it.
    pub(super) fn scopes(&self) -> Vec<&str> {
        let mut scopes = Vec::new();
        for value in [&self.scope, &self.scp] {
            match value {
                Value::String(text) => scopes.extend(text.split(' ')),
                Value::Array(list) => scopes.extend(list.iter().filter_map(Value::as_str)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
            }
        }
        scopes
    }

    /// Returns who it is.
    pub(super) fn subject(&self) -> Result<String, TokenRefused> {
        let name = self.sub.as_str();
        let plain = !name.is_empty()
            && name.chars().count() <= LONGEST_NAME
            && !name.chars().any(is_hidden);
        if plain {
            Ok(name.to_owned())
        } else {
            Err(TokenRefused::Subject)
        }
    }
}

/// Checks a token.
pub(super) async fn verify(
    token: &str,
    settings: &OauthSettings,
    keys: &Keys,
    host: &Host,
) -> Result<Claims, TokenRefused> {
    if token.len() > LONGEST {
        return Err(TokenRefused::Form);
    }
    // What names no algorithm that is known, such as `none`, cannot be read.
    let header = decode_header(token).map_err(|_| TokenRefused::Form)?;
    let typed = header.typ.as_deref().is_none_or(|kind| {
        let kind = kind.to_ascii_lowercase();
        matches!(kind.as_str(), "jwt" | "at+jwt" | "application/at+jwt")
    });
    if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() || !typed {
        return Err(TokenRefused::Form);
    }
    let found = keys.find(header.kid.as_deref(), header.alg, host).await;
    let key = DecodingKey::from_jwk(&found.ok_or(TokenRefused::Key)?)?;
    let mut validation = Validation::new(header.alg);
    validation.leeway = APART;
    validation.validate_nbf = true;
    validation.set_audience(&[&settings.audience]);
    validation.set_issuer(&[&settings.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    Ok(decode::<Claims>(token, &key, &validation)?.claims)
}
