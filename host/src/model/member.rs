//! Several repositories in one execution: what each is called, and what is one thing or one for each of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::{Edit, InvalidName};

/// What a repository is called among several: its folder in the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemberName(String);

impl MemberName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what was changed, with paths as a person reads them, and as a plugin found them below its workspace.
    pub fn prefixed(&self, edits: &[Edit]) -> Vec<Edit> {
        let prefixed = edits.iter().map(|edit| Edit {
            path: format!("{self}/{}", edit.path),
            ..edit.clone()
        });
        prefixed.collect()
    }
}

/// Says which repository a sentence is about, where there are several.
pub fn said_of(name: Option<&MemberName>, sentence: String) -> String {
    match name {
        None => sentence,
        Some(name) => format!("{name}: {sentence}"),
    }
}

impl std::str::FromStr for MemberName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        // Nothing that a file system, or git, could take for something else.
        let plain = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !text.ends_with('.')
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new(
                text,
                "a name of a repository among several",
                "use letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 64 characters",
            ))
        }
    }
}

impl TryFrom<String> for MemberName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<MemberName> for String {
    fn from(name: MemberName) -> Self {
        name.0
    }
}

impl std::fmt::Display for MemberName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of the repositories that an execution works in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// What it is called.
    pub name: MemberName,
    /// A folder in it, as a whole path.
    pub path: PathBuf,
}

/// What there is of the one repository that is worked in, or of each of several by its name. The first of several is the main one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members<T> {
    /// One repository, which needs no name.
    One(T),
    /// Several, of which each has one.
    Several(Vec<(MemberName, T)>),
}

impl<T> Members<T> {
    /// Lists them, with their names where they have such.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&MemberName>, &T)> {
        let (one, several) = match self {
            Self::One(one) => (Some(one), &[][..]),
            Self::Several(several) => (None, &several[..]),
        };
        let several = several.iter().map(|(name, it)| (Some(name), it));
        one.map(|it| (None, it)).into_iter().chain(several)
    }

    /// Makes something else of each.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Members<U> {
        match self {
            Self::One(one) => Members::One(make(one)),
            Self::Several(several) => Members::Several(
                several
                    .into_iter()
                    .map(|(name, it)| (name, make(it)))
                    .collect(),
            ),
        }
    }

    /// Makes something else of each, unless one cannot be.
    pub fn try_map<U, E>(
        self,
        mut make: impl FnMut(Option<&MemberName>, T) -> Result<U, E>,
    ) -> Result<Members<U>, E> {
        Ok(match self {
            Self::One(one) => Members::One(make(None, one)?),
            Self::Several(several) => {
                let each = several.into_iter().map(|(name, it)| {
                    let it = make(Some(&name), it)?;
                    Ok((name, it))
                });
                Members::Several(each.collect::<Result<_, E>>()?)
            }
        })
    }

    /// Returns them by reference.
    pub fn as_ref(&self) -> Members<&T> {
        match self {
            Self::One(one) => Members::One(one),
            Self::Several(several) => Members::Several(
                several
                    .iter()
                    .map(|(name, it)| (name.clone(), it))
                    .collect(),
            ),
        }
    }
}

/// One is written as it is; of several each, with its name.
impl<T: Serialize> Serialize for Members<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(one) => one.serialize(serializer),
            Self::Several(several) => {
                let named = several.iter().map(|(name, it)| {
                    let value = serde_json::to_value(it).map_err(serde::ser::Error::custom)?;
                    Ok(match value {
                        Value::Object(mut fields) => {
                            fields.shift_insert(0, "name".to_owned(), json!(name));
                            Value::Object(fields)
                        }
                        other => json!({ "name": name, "value": other }),
                    })
                });
                serializer.collect_seq(named.collect::<Result<Vec<_>, S::Error>>()?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_members_name_is_a_plain_word() {
        for good in ["a", "web-app", "lib.rs", "A_1"] {
            assert!(good.parse::<MemberName>().is_ok(), "{good}");
        }
        for bad in [
            "", ".", "..", ".git", ".parac", "git~1", "a/b", "a b", "-a", "a.", "é", "a\0",
        ] {
            assert!(bad.parse::<MemberName>().is_err(), "{bad:?}");
        }
    }
}
