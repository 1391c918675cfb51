//! Tokens of forges, from the variables that each forge's own tools read, and how git may ask the person.
#![expect(
    clippy::disallowed_methods,
    reason = "config is the room that reads the environment"
)]

use std::env;

use zeroize::Zeroizing;

use crate::model::{ForgeKind, Place, SecretValue};

/// A token that the environment has for a forge.
pub struct ForgeToken {
    /// Its value.
    pub value: SecretValue,
    /// The variable that it stands in.
    pub variable: &'static str,
}

/// Returns the variables that may hold a token for a place. One that says for which host it is goes to no other.
pub fn forge_variables(kind: ForgeKind, place: &Place) -> &'static [&'static str] {
    let usual = |hosts: &[&str]| hosts.contains(&place.host.as_str());
    // What names the forge may be a host, or an address.
    let named = |variables: &[&str]| -> Option<bool> {
        let named = variables.iter().find_map(|name| env::var(name).ok())?;
        let named = named.rsplit("://").next().unwrap_or_default();
        let named = named.split('/').next().unwrap_or_default();
        Some(named == place.host || named == place.authority())
    };
    match kind {
        ForgeKind::Github if place.host == "github.com" => &["GH_TOKEN", "GITHUB_TOKEN"],
        ForgeKind::Github if named(&["GH_HOST"]) == Some(false) => &[],
        ForgeKind::Github => &["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
        ForgeKind::Gitlab
            if named(&["GITLAB_HOST", "GL_HOST"]).unwrap_or(usual(&["gitlab.com"])) =>
        {
            &["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN"]
        }
        ForgeKind::Gitea
            if named(&["GITEA_SERVER_URL"]).unwrap_or(usual(&["codeberg.org", "gitea.com"])) =>
        {
            &["GITEA_SERVER_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN"]
        }
        ForgeKind::Gitlab | ForgeKind::Gitea => &[],
    }
}

/// Reads the token that the environment has for a place; the error says what is wrong with it.
pub fn forge_token(kind: ForgeKind, place: &Place) -> Result<Option<ForgeToken>, String> {
    for variable in forge_variables(kind, place) {
        let Ok(text) = env::var(variable).map(Zeroizing::new) else {
            continue;
        };
        if text.is_empty() {
            continue;
        }
        let value = SecretValue::new(&text)
            .map_err(|error| format!("the variable {variable} holds no token: {error}"))?;
        return Ok(Some(ForgeToken { value, variable }));
    }
    Ok(None)
}

/// What the person's environment says of how git and ssh ask for credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asking {
    /// Whether a program is named that answers instead of the person.
    pub askpass: bool,
    /// Whether it is said how ssh is started.
    pub ssh: bool,
}

impl Asking {
    /// Reads the environment.
    pub fn read() -> Self {
        Self {
            askpass: env::var_os("GIT_ASKPASS").is_some(),
            ssh: env::var_os("GIT_SSH_COMMAND").is_some() || env::var_os("GIT_SSH").is_some(),
        }
    }
}
