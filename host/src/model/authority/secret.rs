//! Which secrets the host puts into a plugin's requests, and towards whom.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::HostPattern;
use super::written::written;
use crate::model::InvalidName;

const RULE: &str = "write `NAME@HOST[,HOST…]`, such as `OPENAI_KEY@api.openai.com`; hosts are names, `*.` patterns or addresses, not `*`";

/// A secret's name: upper-case letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);
written!(SecretName);

impl SecretName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for SecretName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let good = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new(
                text,
                "a secret's name",
                "use upper-case letters, digits and `_`, starting with a letter, at most 64 characters",
            ))
        }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rule that lets the host send a secret in a plugin's requests to some hosts. The plugin never sees its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretRule {
    /// Which secret.
    pub name: SecretName,
    /// Towards whom.
    pub hosts: Vec<HostPattern>,
}
written!(SecretRule);

impl SecretRule {
    /// Tells whether everything that another rule allows is allowed by this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.name == other.name
            && other
                .hosts
                .iter()
                .all(|host| self.hosts.iter().any(|own| own.covers(host)))
    }
}

impl std::str::FromStr for SecretRule {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || InvalidName::new(text, "a secret grant", RULE);
        let (name, hosts) = text.split_once('@').ok_or_else(invalid)?;
        let hosts: Vec<HostPattern> = hosts.split(',').map(str::parse).collect::<Result<_, _>>()?;
        // A secret that may go anywhere is none.
        if hosts.contains(&HostPattern::Any) {
            return Err(invalid());
        }
        Ok(Self {
            name: name.parse()?,
            hosts,
        })
    }
}

impl fmt::Display for SecretRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        write!(f, "{}@{}", self.name, hosts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_rules_name_their_hosts() {
        for good in ["KEY@api.example.com", "A_1@a.b,*.c.d,10.0.0.5"] {
            assert_eq!(good.parse::<SecretRule>().unwrap().to_string(), good);
        }
        for bad in [
            "KEY",
            "KEY@",
            "KEY@*",
            "key@a.b",
            "@a.b",
            "KEY@a.b,",
            "KEY@a.b,*",
        ] {
            assert!(bad.parse::<SecretRule>().is_err(), "{bad}");
        }
    }
}
