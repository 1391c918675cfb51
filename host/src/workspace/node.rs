//! The nodes of the overlay: what is loaded from the commit's tree, and what the plugin made.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::NodeKind;
use super::content::Content;
use crate::git::{BlobId, Mode, ObjectId, TreeId};

/// A node's place in the tree's list; never used again, so it is its identity too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(pub(super) usize);

/// A file, directory, link or submodule that was touched.
#[derive(Debug)]
pub(super) struct Node {
    /// The directory that it is in; `None` for the root and for what is unlinked.
    pub(super) parent: Option<NodeId>,
    /// What it is.
    pub(super) body: Body,
    /// Whether it, or something below it, may differ from the base; then so may its parent.
    pub(super) touched: bool,
    /// Whether it is the host's own folder or below it: it can be read, and not changed.
    pub(super) guarded: bool,
    /// How many handles are open on it.
    pub(super) opens: u32,
    /// Its times, once they are not the base commit's.
    pub(super) times: Option<Times>,
}

/// A node's times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// As the guest set it.
    pub(super) accessed: SystemTime,
    /// Of the content.
    pub(super) modified: SystemTime,
    /// Of the attributes.
    pub(super) changed: SystemTime,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Body {
    /// A directory.
    Directory(Directory),
    /// A regular file with its mode.
    File(Mode, Content),
    /// A symbolic link.
    Symlink(Mode, Content),
    /// A submodule, or an entry of a kind that git does not know: carried, never touched.
    Gitlink(Mode, ObjectId),
}

/// A directory.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// The tree that it was in the base.
    pub(super) base: Option<TreeId>,
    /// Its names, once they are loaded.
    pub(super) entries: Option<Entries>,
}

pub(super) type Entries = BTreeMap<Box<[u8]>, Child>;

/// What a directory's name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Child {
    /// An entry of the base that was not touched.
    Base(Mode, ObjectId),
    /// A node.
    Node(NodeId),
}

impl Body {
    /// Makes the body of an entry of the base.
    pub(super) fn of(mode: Mode, id: ObjectId) -> Self {
        if mode.is_tree() {
            Self::Directory(Directory {
                base: Some(TreeId::new(id)),
                entries: None,
            })
        } else if mode.is_file() {
            Self::File(mode, Content::stored(BlobId::new(id)))
        } else if mode.is_symlink() {
            Self::Symlink(mode, Content::stored(BlobId::new(id)))
        } else {
            Self::Gitlink(mode, id)
        }
    }

    /// Returns what a plugin takes it for.
    pub(super) fn kind(&self) -> NodeKind {
        match self {
            Self::Directory(_) | Self::Gitlink(..) => NodeKind::Directory,
            Self::File(..) => NodeKind::File,
            Self::Symlink(..) => NodeKind::Symlink,
        }
    }
}

/// Returns what a plugin takes a base entry of this mode for.
pub(super) fn kind_of(mode: Mode) -> NodeKind {
    if mode.is_file() {
        NodeKind::File
    } else if mode.is_symlink() {
        NodeKind::Symlink
    } else {
        NodeKind::Directory
    }
}
