//! Names as types: what parsed once is not checked again.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Why a text is not a name of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}: {rule}")]
pub struct InvalidName {
    text: String,
    what: &'static str,
    rule: &'static str,
}

/// The longest text that an error quotes; longer ones are cut, so that a hostile name cannot flood a log.
const QUOTED: usize = 80;

impl InvalidName {
    pub(super) fn new(text: &str, what: &'static str, rule: &'static str) -> Self {
        Self {
            text: text.chars().take(QUOTED).collect(),
            what,
            rule,
        }
    }
}

/// Gives a checked string type its conversions: parsing is the only way in.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidName::new(text, $what, $rule))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A plugin's unique name, such as `repo-report`.
    PluginName,
    "a plugin's name",
    "use lower-case letters, digits and `-`, starting with a letter, at most 40 characters",
    |text| text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);

name!(
    /// A tool's name inside its plugin, such as `write`.
    ToolName,
    "a tool's name",
    "use letters, digits, `_` and `-`, without `__`, at most 48 characters",
    |text| !text.is_empty()
        && text.len() <= 48
        && !text.contains("__")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
);

name!(
    /// An execution's id: a ULID, or a person's own word.
    ExecutionId,
    "an execution's id",
    "use letters, digits, `_` and `-`, starting with a letter or digit, at most 64 characters",
    |text| text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
);

name!(
    /// The name of an agent, a workflow or one of its steps, such as `code-reviewer`.
    PlanName,
    "a name of an agent, a workflow or a step",
    "use letters, digits, `_`, `-` and `.`, starting with a letter or digit, at most 64 characters",
    |text| text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.')
);

name!(
    /// A commit's object id in lower-case hexadecimal (SHA-1).
    CommitId,
    "a commit id",
    "use its 40 hexadecimal digits",
    |text| text.len() == 40
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
);

name!(
    /// A branch's name without `refs/heads/`, such as `main` or `exec/01J…/20261123_101500`.
    BranchName,
    "a branch name",
    "follow `git check-ref-format --branch`: no spaces, `..`, `~^:?*[\\`, no leading `-` or `/`, no `.lock` at an end",
    |text| {
        !text.is_empty()
            && text.len() <= 200
            && text != "HEAD"
            && text != "@"
            && !text.starts_with('-')
            && !text.ends_with('.')
            && !text.contains("..")
            && !text.contains("@{")
            && text
                .chars()
                .all(|c| c > ' ' && c != '\u{7f}' && !"~^:?*[\\".contains(c))
            && text.split('/').all(|part| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && std::path::Path::new(part)
                        .extension()
                        .is_none_or(|ending| ending != "lock")
            })
    }
);

impl ExecutionId {
    /// Makes a new id that no other execution has.
    pub fn generate() -> Self {
        Self(ulid::Ulid::generate().to_string())
    }
}

/// One call's id: a ULID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(ulid::Ulid);

impl CallId {
    /// Makes a new id that no other call has.
    pub fn generate() -> Self {
        Self(ulid::Ulid::generate())
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for CallId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.parse().map(Self).map_err(|_: ulid::DecodeError| {
            InvalidName::new(
                text,
                "a call's id",
                "26 letters and digits, as receipts name it",
            )
        })
    }
}

/// A tool's name across plugins, written `plugin__tool`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ToolPath {
    /// The plugin that offers it.
    pub plugin: PluginName,
    /// Its name there.
    pub tool: ToolName,
}

impl std::str::FromStr for ToolPath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (plugin, tool) = text.split_once("__").ok_or_else(|| {
            InvalidName::new(
                text,
                "a tool's full name",
                "write the plugin, two underscores and the tool, such as `files__read`",
            )
        })?;
        // `_` may end a plugin-side split only through the tool: `a___b` is plugin `a`, tool `_b`.
        Ok(Self {
            plugin: plugin.parse()?,
            tool: tool.parse()?,
        })
    }
}

impl TryFrom<String> for ToolPath {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<ToolPath> for String {
    fn from(path: ToolPath) -> Self {
        path.to_string()
    }
}

impl fmt::Display for ToolPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}__{}", self.plugin, self.tool)
    }
}

/// The SHA-256 of bytes, such as a plugin's, written `sha256:…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Digests a value as compact JSON, without making the text; none if it has no such form.
    pub fn of_json(value: &impl Serialize) -> Option<Self> {
        struct Hashed(Sha256);
        impl std::io::Write for Hashed {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut hashed = Hashed(Sha256::new());
        serde_json::to_writer(&mut hashed, value).ok()?;
        Some(Self(hashed.0.finalize().into()))
    }

    /// Returns the 64 hexadecimal digits, without the algorithm's name.
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

impl std::str::FromStr for Digest {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || {
            InvalidName::new(
                text,
                "a digest",
                "write `sha256:` and 64 lower-case hexadecimal digits",
            )
        };
        let hex = text.strip_prefix("sha256:").ok_or_else(invalid)?;
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(invalid());
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (
                digit(*high).ok_or_else(invalid)?,
                digit(*low).ok_or_else(invalid)?,
            );
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: std::str::FromStr>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(text.parse::<T>().is_ok(), "{text:?} should parse");
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text:?} should not parse");
        }
    }

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let of_json = Digest::of_json(&serde_json::json!({"a": [1, "b"]}));
        assert_eq!(of_json, Some(Digest::of(br#"{"a":[1,"b"]}"#)));
        let upper = format!("sha256:{}", digest.hex().to_uppercase());
        check::<Digest>(&[], &["", "sha256:", "sha256:ab", &digest.hex(), &upper]);
    }

    #[test]
    fn names_are_checked_once_and_for_all() {
        check::<PluginName>(
            &["hello", "repo-report", "a1"],
            &["", "Hello", "1a", "a_b", "a b", "../x"],
        );
        check::<ToolName>(&["read", "try_list", "A-1"], &["", "a__b", "a/b", "a b"]);
        check::<ExecutionId>(
            &["01J0", "my-run", "a_b"],
            &["", "..", "a/b", "-a", ".a", "a.lock"],
        );
        check::<BranchName>(
            &["main", "exec/a/20260101_000000", "feature/x.y"],
            &[
                "", "-x", "a..b", "a b", "/a", "a/", "a//b", "a.lock", "a/.b", "HEAD", "a@{1}",
                "a\u{7f}",
            ],
        );
        check::<ToolPath>(
            &["files__read", "a___b"],
            &["files_read", "__read", "files__", "a__b__c"],
        );
    }
}
