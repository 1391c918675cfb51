//! Tree objects: their entries, their order, their bytes.

use std::cmp::Ordering;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::objects::ObjectId;

/// How deep trees may nest before reading them is refused: twice what a path of 4096 bytes can hold is never needed, and
/// an endless nest must not exhaust the stack.
pub const TREE_DEPTH: usize = 1024;

/// An entry's mode, kept as it stands in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mode(pub u32);

impl Mode {
    /// A directory.
    pub const TREE: Self = Self(0o040_000);
    /// A file.
    pub const FILE: Self = Self(0o100_644);
    /// A file that may be executed.
    pub const EXECUTABLE: Self = Self(0o100_755);
    /// A symbolic link.
    pub const SYMLINK: Self = Self(0o120_000);
    /// A submodule.
    pub const GITLINK: Self = Self(0o160_000);

    /// Tells whether it is a directory.
    pub fn is_tree(self) -> bool {
        self.0 & 0o170_000 == 0o040_000
    }

    /// Tells whether it is a regular file.
    pub fn is_file(self) -> bool {
        self.0 & 0o170_000 == 0o100_000
    }

    /// Tells whether it is a symbolic link.
    pub fn is_symlink(self) -> bool {
        self.0 & 0o170_000 == 0o120_000
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:06o}", self.0))
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 8)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

/// One name in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, byte for byte.
    pub name: Box<[u8]>,
    /// Its mode.
    pub mode: Mode,
    /// What it names.
    pub id: ObjectId,
}

/// Orders names as git does: a directory sorts as if its name ended in `/`.
fn order(a: &Entry, b: &Entry) -> Ordering {
    let end = |entry: &Entry| entry.mode.is_tree().then_some(b'/');
    a.name
        .iter()
        .copied()
        .chain(end(a))
        .cmp(b.name.iter().copied().chain(end(b)))
}

/// Reads a tree object's bytes; `None` if they are malformed.
pub(super) fn parse(mut bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|&byte| byte == b' ')?;
        let mode = bytes[..space].iter().try_fold(0u32, |mode, &digit| {
            matches!(digit, b'0'..=b'7')
                .then(|| mode.wrapping_mul(8).wrapping_add(u32::from(digit - b'0')))
        })?;
        bytes = &bytes[space + 1..];
        let nul = bytes.iter().position(|&byte| byte == 0)?;
        let id = bytes.get(nul + 1..nul + 21)?.first_chunk::<20>()?;
        entries.push(Entry {
            name: bytes[..nul].into(),
            mode: Mode(mode),
            id: ObjectId::from_bytes(*id),
        });
        bytes = &bytes[nul + 21..];
    }
    Some(entries)
}

/// Writes a tree object's bytes; sorts the entries.
pub(super) fn serialise(entries: &mut [Entry]) -> Vec<u8> {
    entries.sort_by(order);
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.name.len() + 28).sum());
    for entry in entries {
        bytes.extend_from_slice(format!("{:o} ", entry.mode.0).as_bytes());
        bytes.extend_from_slice(&entry.name);
        bytes.push(0);
        bytes.extend_from_slice(entry.id.0.as_bytes());
    }
    bytes
}
