//! What a call did to a tree.

use serde::Serialize;

/// How a path differs from the tree that the call began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    /// The path is new.
    Added,
    /// Its content, mode or type is another.
    Modified,
    /// The path is gone.
    Deleted,
}

/// One path that a call changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// From the root of the tree, `/` between names; bytes that are not UTF-8 are shown as U+FFFD.
    pub path: String,
    /// How it differs.
    pub kind: EditKind,
}
