//! A path inside a tree, byte for byte.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

/// A path from the root of a tree, `/` between names. Written as text; one that is no UTF-8, or that begins with `"`, is
/// written in quotes with escapes, as git does.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreePath(Vec<u8>);

/// Why a text is no path in a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no path in a tree: write it from the repository's root, without a leading `/`, as the list of conflicts does"
)]
pub struct InvalidPath {
    text: String,
}

impl TreePath {
    /// Takes a path's bytes at their word; it comes from a tree.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the names on the way; the root's own path, the default, has none.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.0
            .split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty())
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with('"') => f.write_str(text),
            _ => {
                f.write_char('"')?;
                for &byte in &self.0 {
                    match byte {
                        b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                        b' '..=b'~' => f.write_char(char::from(byte))?,
                        _ => write!(f, "\\{byte:03o}")?,
                    }
                }
                f.write_char('"')
            }
        }
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for TreePath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let bytes = match text.strip_prefix('"') {
            None => Some(text.as_bytes().to_vec()),
            Some(rest) => unquoted(rest),
        };
        let good = |bytes: &Vec<u8>| {
            bytes
                .split(|&byte| byte == b'/')
                .all(|name| !name.is_empty() && name != b"." && name != b".." && !name.contains(&0))
        };
        bytes.filter(good).map(Self).ok_or_else(|| InvalidPath {
            text: text.to_owned(),
        })
    }
}

/// Reads what stands after the first quote, up to the last.
fn unquoted(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_suffix('"')?.as_bytes();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        if first != b'\\' {
            bytes.push(first);
            rest = after;
            continue;
        }
        let (&second, after) = after.split_first()?;
        if matches!(second, b'"' | b'\\') {
            bytes.push(second);
            rest = after;
            continue;
        }
        let digits = rest.get(1..4)?;
        let value = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
        bytes.push(value);
        rest = &rest[4..];
    }
    Some(bytes)
}

impl TryFrom<String> for TreePath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        text.parse()
    }
}

impl From<TreePath> for String {
    fn from(path: TreePath) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_read_as_it_is_written() {
        for bytes in [
            b"a/b c".as_slice(),
            b"\"a\\",
            b"\xff\x01/\xc3\xa4",
            "ä".as_bytes(),
        ] {
            let path = TreePath::new(bytes);
            assert_eq!(path.to_string().parse(), Ok(path));
        }
        for wrong in ["", "/a", "a//b", "../a", "a/./b", "\"a", "\"\\9\"", "a\0"] {
            assert!(wrong.parse::<TreePath>().is_err(), "{wrong:?}");
        }
    }
}
