//! The tree of a call, and handles on it that close by themselves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sandbox::error::RunError;
use crate::workspace::{GitTree, Handle};

/// A call's tree, shared by its descriptors and streams. Only the call's own task locks it.
#[derive(Clone)]
pub(in crate::sandbox) struct SharedTree(Arc<Mutex<GitTree>>);

impl SharedTree {
    /// Shares a tree.
    pub(in crate::sandbox) fn new(tree: GitTree) -> Self {
        Self(Arc::new(Mutex::new(tree)))
    }

    /// Locks the tree. A lock that a panic poisoned is taken all the same: what was half done stays in an overlay
    /// that the failed call discards.
    pub(in crate::sandbox) fn lock(&self) -> MutexGuard<'_, GitTree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the tree back; an error if something else still holds it.
    pub(in crate::sandbox) fn into_inner(self) -> Result<GitTree, RunError> {
        Arc::into_inner(self.0)
            .map(|tree| tree.into_inner().unwrap_or_else(PoisonError::into_inner))
            .ok_or_else(|| RunError::BadReply {
                what: "its workspace is still in use, so that what it wrote cannot be kept"
                    .to_owned(),
            })
    }
}

/// A handle that closes when the last descriptor or stream on it is gone.
#[derive(Clone)]
pub(super) struct OpenFile(Arc<Opened>);

struct Opened {
    tree: SharedTree,
    handle: Handle,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.tree.lock().close(self.handle);
    }
}

impl OpenFile {
    pub(super) fn new(tree: SharedTree, handle: Handle) -> Self {
        Self(Arc::new(Opened { tree, handle }))
    }

    /// Takes another handle on the same tree.
    pub(super) fn sibling(&self, handle: Handle) -> Self {
        Self::new(self.0.tree.clone(), handle)
    }

    pub(super) fn tree(&self) -> MutexGuard<'_, GitTree> {
        self.0.tree.lock()
    }

    pub(super) fn handle(&self) -> Handle {
        self.0.handle
    }
}
