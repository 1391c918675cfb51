//! The door: what somebody has to show.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::oauth::{Oauth, TokenRefused};
use super::reply::{Reply, json, text};
use super::subject::Identity;
use super::tokens::Tokens;
use crate::flow::Host;

/// What somebody has to show.
#[derive(Debug)]
pub(super) enum Door {
    /// Nothing: whoever reaches it is on this machine.
    Open,
    /// A token of a file.
    Tokens(Tokens),
    /// A token of an authorization server.
    Oauth(Box<Oauth>),
}

/// Why somebody does not come in.
pub(super) enum Refused {
    /// They showed nothing.
    Nothing,
    /// They showed something that is not good.
    Bad,
    /// They lack scopes.
    Scopes,
}

impl Door {
    /// Tells whether somebody has to show something.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Tells whether those who come in have scopes.
    pub(super) const fn has_scopes(&self) -> bool {
        matches!(self, Self::Oauth(_))
    }

    /// Tells who calls.
    pub(super) async fn who(&self, host: &Host, headers: &HeaderMap) -> Result<Identity, Refused> {
        match self {
            Self::Open => Ok(Identity::default()),
            Self::Tokens(tokens) => {
                let token = bearer(headers)?;
                let name = tokens.whose(token).ok_or(Refused::Bad)?.to_owned();
                Ok(Identity {
                    name: Some(name),
                    scopes: Vec::new(),
                })
            }
            Self::Oauth(oauth) => match oauth.who(bearer(headers)?, host).await {
                Ok(who) => Ok(who),
                Err(TokenRefused::Scopes) => Err(Refused::Scopes),
                Err(why) => {
                    tracing::debug!("a token was refused: {why}");
                    Err(Refused::Bad)
                }
            },
        }
    }

    /// Makes the answer to who does not come in.
    pub(super) fn refuse(&self, refused: &Refused) -> Reply {
        let (status, error) = match refused {
            Refused::Nothing => (StatusCode::UNAUTHORIZED, ""),
            Refused::Bad => (StatusCode::UNAUTHORIZED, ", error=\"invalid_token\""),
            Refused::Scopes => (StatusCode::FORBIDDEN, ", error=\"insufficient_scope\""),
        };
        let (say, challenge) = match self {
            Self::Open | Self::Tokens(_) => (
                "send `Authorization: Bearer TOKEN` with a token that `paracle-host mcp token new` made\n",
                format!("Bearer realm=\"paracle-host\"{error}"),
            ),
            Self::Oauth(oauth) => (
                "send `Authorization: Bearer TOKEN` with a token of the authorization server that the metadata names\n",
                format!("{}{error}", oauth.challenge()),
            ),
        };
        let mut reply = text(status, say);
        // What it is made of was checked to be plain.
        let challenge = HeaderValue::try_from(challenge)
            .unwrap_or(HeaderValue::from_static("Bearer realm=\"paracle-host\""));
        reply
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
        reply
    }

    /// Makes the answer that says whose tokens are good here.
    pub(super) fn metadata(&self) -> Reply {
        match self {
            Self::Oauth(oauth) => json(oauth.metadata()),
            Self::Open | Self::Tokens(_) => text(
                StatusCode::NOT_FOUND,
                "no authorization server is named here\n",
            ),
        }
    }
}

/// Returns the one token that was sent.
fn bearer(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let one = match (given.next(), given.next()) {
        (None, _) => return Err(Refused::Nothing),
        (Some(one), None) => one,
        (Some(_), Some(_)) => return Err(Refused::Bad),
    };
    let read = one.to_str().ok().and_then(|one| one.split_once(' '));
    let (scheme, token) = read.ok_or(Refused::Bad)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Refused::Bad)
    }
}
