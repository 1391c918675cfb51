//! Which directories of the machine a plugin finds beside its workspace.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::written::written;
use crate::model::{Access, InvalidName, is_hidden};

const RULE: &str = "write `PATH:AT:ro` or `PATH:AT:rw`, such as `/home/me/notes:/notes:ro`: an absolute path, one absolute name for the \
                    plugin that is not `/workspace`, and how far it is open";

const VISIBLE: &str = "a path in a grant is shown to a person before it counts, and may have no control characters or hidden ones \
                       (line ends, escapes, zero-width characters, marks of direction): rename the directory, or grant the one above";

/// A rule that gives a plugin a directory of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DirectoryRule {
    /// Where it is: absolute, without `.` and `..`.
    pub path: PathBuf,
    /// Where the plugin finds it: one name after `/`.
    pub at: String,
    /// Reading, or reading and writing.
    pub access: Access,
}
written!(DirectoryRule);

impl DirectoryRule {
    /// Cuts the rule down to what another one opens: none where that is another place.
    pub fn within(&self, ceiling: &Self) -> Option<Self> {
        self.path.starts_with(&ceiling.path).then(|| Self {
            access: self.access.min(ceiling.access),
            ..self.clone()
        })
    }
}

impl std::str::FromStr for DirectoryRule {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || InvalidName::new(text, "a directory grant", RULE);
        if text.chars().any(is_hidden) {
            return Err(InvalidName::new(text, "a directory grant", VISIBLE));
        }
        let (rest, access) = text.rsplit_once(':').ok_or_else(invalid)?;
        let access = match access {
            "ro" => Access::ReadOnly,
            "rw" => Access::ReadWrite,
            _ => return Err(invalid()),
        };
        let (path, at) = rest.rsplit_once(':').ok_or_else(invalid)?;
        let plain = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
        let name = at.strip_prefix('/').ok_or_else(invalid)?;
        let named = !name.is_empty()
            && name.len() <= 64
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && !name.starts_with('.')
            && !name.eq_ignore_ascii_case("workspace");
        if path.starts_with('/') && plain && named {
            Ok(Self {
                path: path.into(),
                at: at.to_owned(),
                access,
            })
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for DirectoryRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            // No rule is made with none; one that was cut down to it opens nothing.
            Access::None => "none",
            Access::ReadOnly => "ro",
            Access::ReadWrite => "rw",
        };
        write!(f, "{}:{}:{access}", self.path.display(), self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_whose_path_would_not_show_what_it_is_is_no_grant() {
        for hidden in [
            '\n',
            '\r',
            '\t',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{61c}',
            '\u{200b}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            let error = format!("/home/me/no{hidden}tes:/notes:ro")
                .parse::<DirectoryRule>()
                .unwrap_err()
                .to_string();
            assert!(error.contains("hidden ones"), "{error}");
            assert!(!error.contains(hidden), "{error:?}");
        }
        assert!(
            "/home/mé/日本語 :/notes:ro"
                .parse::<DirectoryRule>()
                .is_ok()
        );
    }

    #[test]
    fn directory_rules_name_place_mount_and_access() {
        for good in ["/home/me/notes:/notes:ro", "/a:b:/c:rw"] {
            assert_eq!(good.parse::<DirectoryRule>().unwrap().to_string(), good);
        }
        for bad in [
            "/a",
            "/a:/b",
            "/a:/b:x",
            "a:/b:ro",
            "/a/../c:/b:ro",
            "/a:/workspace:ro",
            "/a:/WorkSpace:ro",
            "/a:/b/c:ro",
            "/a:b:ro",
            "/a:/..:ro",
            "/a:/:ro",
            ":/b:ro",
        ] {
            assert!(bad.parse::<DirectoryRule>().is_err(), "{bad}");
        }
    }
}
