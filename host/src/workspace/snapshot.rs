//! From the overlay to a tree object: what was touched, children first.

use std::sync::Arc;

use super::content::Bytes;
use super::node::{Body, Child, NodeId};
use super::tree::ROOT;
use super::{FsError, GitTree};
use crate::git::{Batch, Entry, GitError, Mode, ObjectId, TREE_DEPTH, TreeId};
use crate::model::Edit;

/// A tree as it is stored, or is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its id; the base's if nothing differs.
    pub tree: TreeId,
    /// What differs from the base, by path.
    pub edits: Vec<Edit>,
    /// Directories that are in the workspace and not in the tree, because git keeps no empty ones.
    pub empty_directories: Vec<String>,
}

#[derive(Default)]
struct Snapshot {
    batch: Batch,
    empty: Vec<String>,
    path: Vec<u8>,
}

impl GitTree {
    /// Lists what differs from the base; a file rewritten with its own bytes does not.
    pub fn edits(&self) -> Result<Vec<Edit>, FsError> {
        let (snapshot, tree) = self.snapshot()?;
        Ok(self
            .repo
            .edits_with(&snapshot.batch, self.base_tree, tree)?)
    }

    /// Stores the tree as it is now; its objects are on the disk, and no ref points at them yet.
    pub fn write_tree(&self) -> Result<Written, FsError> {
        let (written, objects) = self.to_write()?;
        self.repo.store(&objects)?;
        Ok(written)
    }

    /// Returns the tree as it is now, with what has to be stored for it.
    pub fn to_write(&self) -> Result<(Written, Batch), FsError> {
        let (snapshot, tree) = self.snapshot()?;
        let edits = self
            .repo
            .edits_with(&snapshot.batch, self.base_tree, tree)?;
        let written = Written {
            tree,
            edits,
            empty_directories: snapshot.empty,
        };
        let objects = if tree == self.base_tree {
            Batch::default()
        } else {
            snapshot.batch
        };
        Ok((written, objects))
    }

    fn snapshot(&self) -> Result<(Snapshot, TreeId), FsError> {
        let mut snapshot = Snapshot::default();
        let tree = match self.build(ROOT, &mut snapshot, 0)? {
            Some((_, id)) => TreeId::new(id),
            None => snapshot.batch.tree(Vec::new())?,
        };
        Ok((snapshot, tree))
    }

    /// Returns a node's mode and object; `None` for a directory without files.
    fn build(
        &self,
        id: NodeId,
        snapshot: &mut Snapshot,
        depth: usize,
    ) -> Result<Option<(Mode, ObjectId)>, FsError> {
        if depth > TREE_DEPTH {
            return Err(GitError::TooDeep { limit: TREE_DEPTH }.into());
        }
        let node = self.node(id);
        match &node.body {
            Body::Gitlink(mode, id) => Ok(Some((*mode, *id))),
            Body::File(mode, content) | Body::Symlink(mode, content) => {
                let blob = match (content.base, content.written()) {
                    (Some(base), None) => base,
                    (base, None) => snapshot.batch.blob_unless(Arc::default(), base)?,
                    (base, Some(Bytes::Memory(bytes))) => {
                        snapshot.batch.blob_unless(bytes.clone(), base)?
                    }
                    (base, Some(Bytes::Disk(bytes))) => {
                        snapshot.batch.spilled_unless(bytes.clone(), base)?
                    }
                };
                Ok(Some((*mode, blob.object())))
            }
            Body::Directory(directory) => {
                let entries = match (&directory.entries, directory.base) {
                    (Some(entries), _) if node.touched => entries,
                    (_, Some(base)) => return Ok(Some((Mode::TREE, base.object()))),
                    (Some(entries), None) => entries,
                    (None, None) => &super::node::Entries::new(),
                };
                let mut kept = Vec::with_capacity(entries.len());
                for (name, child) in entries {
                    let built = match child {
                        Child::Base(mode, id) => Some((*mode, *id)),
                        Child::Node(child) => {
                            let length = snapshot.path.len();
                            if length > 0 {
                                snapshot.path.push(b'/');
                            }
                            snapshot.path.extend_from_slice(name);
                            let built = self.build(*child, snapshot, depth + 1)?;
                            snapshot.path.truncate(length);
                            built
                        }
                    };
                    if let Some((mode, id)) = built {
                        kept.push(Entry {
                            name: name.clone(),
                            mode,
                            id,
                        });
                    }
                }
                if kept.is_empty() {
                    if id != ROOT {
                        snapshot
                            .empty
                            .push(String::from_utf8_lossy(&snapshot.path).into_owned());
                    }
                    return Ok(None);
                }
                let tree = snapshot.batch.tree_unless(kept, directory.base)?;
                Ok(Some((Mode::TREE, tree.object())))
            }
        }
    }
}
