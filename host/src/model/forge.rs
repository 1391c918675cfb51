//! Where a repository is published, and what serves it there.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Scheme;

/// The kinds of forges whose interface is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    /// github.com, and GitHub Enterprise Server.
    Github,
    /// gitlab.com, and GitLab on one's own.
    Gitlab,
    /// Gitea and Forgejo, such as codeberg.org.
    Gitea,
}

impl ForgeKind {
    /// Each kind with its name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("github", Self::Github),
        ("gitlab", Self::Gitlab),
        ("gitea", Self::Gitea),
        ("forgejo", Self::Gitea),
    ];

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Gitea => "gitea",
        }
    }

    /// Reads a kind from a host's name: those that everybody knows, and those that have the forge's name as a label.
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        if host == "codeberg.org" {
            return Some(Self::Gitea);
        }
        let known = |(name, kind): &(&str, Self)| {
            host.split('.').any(|label| label == *name).then_some(*kind)
        };
        Self::ALL.iter().find_map(known)
    }
}

impl std::str::FromStr for ForgeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.iter().find(|(name, _)| *name == text);
        named
            .map(|(_, kind)| *kind)
            .ok_or_else(|| "the forges are github, gitlab, gitea and forgejo".to_owned())
    }
}

/// Where a repository is published: what a forge's page and its interface are found from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How it is reached.
    pub scheme: Scheme,
    /// The forge's host.
    pub host: String,
    /// The port, where it is not the scheme's own.
    pub port: Option<u16>,
    /// The repository's path there, such as `owner/name`.
    pub path: String,
}

impl Place {
    /// Returns the host, with the port where it is not the scheme's own.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Returns the forge's address, without a path.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.name(), self.authority())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.origin(), self.path)
    }
}

/// Percent-encodes what is not plain in a part of an address.
pub fn percent_encoded(text: &str, slashes: bool) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (slashes && byte == b'/') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// What a pull request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPullRequest {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The branch that shall have the changes.
    pub base: super::BranchName,
    /// The branch that has them.
    pub branch: super::BranchName,
    /// Whether it is not yet to be merged.
    pub draft: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forge_is_known_by_its_host() {
        for (host, kind) in [
            ("github.com", Some(ForgeKind::Github)),
            ("github.example.com", Some(ForgeKind::Github)),
            ("GitLab.com", Some(ForgeKind::Gitlab)),
            ("codeberg.org", Some(ForgeKind::Gitea)),
            ("forgejo.example.org", Some(ForgeKind::Gitea)),
            ("notgithub.com", None),
            ("example.com", None),
        ] {
            assert_eq!(ForgeKind::of_host(host), kind, "{host}");
        }
    }
}
