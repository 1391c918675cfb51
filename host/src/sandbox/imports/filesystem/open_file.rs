//! The tree of a call, and handles on it that close by themselves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::model::Members;
use crate::sandbox::error::RunError;
use crate::workspace::{DirEntry, FsError, GitTree, Handle, NodeKind, OpenNode, SetTime, Stat};

/// A call's tree, shared by its descriptors and streams. One of its operations locks it at a time.
#[derive(Clone)]
pub(in crate::sandbox) struct SharedTree {
    tree: Arc<Mutex<GitTree>>,
    // Held for reading by whoever works on the tree on a thread of its own.
    busy: Arc<RwLock<()>>,
    // What tells its nodes from those of another tree of the call.
    number: u64,
}

/// While it is held, something works on a call's tree.
pub(super) type Busy = Option<OwnedRwLockReadGuard<()>>;

impl SharedTree {
    /// Shares the trees of a call.
    pub(in crate::sandbox) fn all(trees: Members<GitTree>) -> Members<Self> {
        // No device of the machine has numbers from the other end, and 0 is that of a tree that is alone.
        let mut next = match &trees {
            Members::One(_) => 0,
            Members::Several(_) => u64::MAX - 1,
        };
        trees.map(|tree| {
            let number = next;
            next = next.wrapping_sub(1);
            Self {
                tree: Arc::new(Mutex::new(tree)),
                busy: Arc::default(),
                number,
            }
        })
    }

    /// Takes all trees of a call back.
    pub(in crate::sandbox) async fn all_back(
        trees: Members<Self>,
    ) -> Result<Members<GitTree>, RunError> {
        Ok(match trees {
            Members::One(tree) => Members::One(tree.into_inner().await?),
            Members::Several(trees) => {
                let mut back = Vec::with_capacity(trees.len());
                for (name, tree) in trees {
                    back.push((name, tree.into_inner().await?));
                }
                Members::Several(back)
            }
        })
    }

    /// Locks the tree. A lock that a panic poisoned is taken all the same: what was half done stays in an overlay
    /// that the failed call discards.
    pub(in crate::sandbox) fn lock(&self) -> MutexGuard<'_, GitTree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the tree back, when what was begun on it is done; an error if something else still holds it.
    async fn into_inner(self) -> Result<GitTree, RunError> {
        drop(self.busy.write().await);
        Arc::into_inner(self.tree)
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

    /// Tells whether reading or writing it may wait for a disk.
    pub(super) fn may_block(&self) -> bool {
        self.tree().may_block(self.handle())
    }

    /// Has whoever takes the tree back wait for what is done meanwhile.
    pub(super) fn busy(&self) -> Busy {
        // Nobody holds it for writing while the call runs.
        self.0.tree.busy.clone().try_read_owned().ok()
    }

    /// Tells whether both are of one tree: a name goes to no other.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.tree.tree, &other.0.tree.tree)
    }

    pub(super) fn handle(&self) -> Handle {
        self.0.handle
    }
}

/// Each locks the tree for as long as it takes.
impl OpenNode for OpenFile {
    fn kind(&self) -> Result<NodeKind, FsError> {
        self.tree().kind(self.handle())
    }

    fn stat(&self) -> Result<Stat, FsError> {
        self.tree().stat(self.handle())
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat, FsError> {
        self.tree().stat_at(self.handle(), path, follow)
    }

    fn identity(&self) -> Result<(u64, u64), FsError> {
        Ok((self.0.tree.number, self.tree().node_id(self.handle())))
    }

    fn identity_at(&self, path: &str, follow: bool) -> Result<(u64, u64), FsError> {
        let node = self.tree().node_id_at(self.handle(), path, follow)?;
        Ok((self.0.tree.number, node))
    }

    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<(), FsError> {
        self.tree().set_times(self.handle(), accessed, modified)
    }

    fn set_times_at(
        &self,
        path: &str,
        follow: bool,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError> {
        self.tree()
            .set_times_at(self.handle(), path, follow, accessed, modified)
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, FsError> {
        self.tree().read(self.handle(), offset, len)
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), FsError> {
        self.tree().write(self.handle(), offset, bytes)
    }

    fn append(&self, bytes: &[u8]) -> Result<(), FsError> {
        self.tree().append(self.handle(), bytes)
    }

    fn set_size(&self, size: u64) -> Result<(), FsError> {
        self.tree().set_size(self.handle(), size)
    }

    // What is written is durable when the call's checkpoint is, before the reply; not earlier, whatever a guest asks.
    fn sync(&self) -> Result<(), FsError> {
        Ok(())
    }

    fn list(&self) -> Result<Vec<DirEntry>, FsError> {
        self.tree().list(self.handle())
    }

    fn create_dir_at(&self, path: &str) -> Result<(), FsError> {
        self.tree().create_dir_at(self.handle(), path)
    }

    fn remove_dir_at(&self, path: &str) -> Result<(), FsError> {
        self.tree().remove_dir_at(self.handle(), path)
    }

    fn unlink_at(&self, path: &str) -> Result<(), FsError> {
        self.tree().unlink_at(self.handle(), path)
    }

    fn symlink_at(&self, target: &str, path: &str) -> Result<(), FsError> {
        self.tree().symlink_at(target, self.handle(), path)
    }

    fn readlink_at(&self, path: &str) -> Result<String, FsError> {
        self.tree().readlink_at(self.handle(), path)
    }
}
