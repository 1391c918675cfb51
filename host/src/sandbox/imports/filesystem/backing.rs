//! What stands behind a descriptor: a node of the git tree, or a file or directory of a granted directory.

use super::Failure;
use super::open_file::OpenFile;
use crate::workspace::{DiskNode, FsError, OpenNode};

/// An open file or directory.
#[derive(Clone)]
pub(super) enum Backing {
    /// Of the call's tree: in memory, or read from the object database.
    Git(OpenFile),
    /// Of a directory of the machine.
    Disk(DiskNode),
}

impl Backing {
    /// Does something to it. A disk may be slow, or far away, so that what is done there is done on a thread that may block:
    /// the deadline and the cancellation of the call do not wait for it, and neither do other calls.
    pub(super) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&dyn OpenNode) -> Result<T, FsError> + Send + 'static,
    ) -> Result<T, Failure> {
        match self {
            Self::Git(file) => Ok(work(&file)?),
            Self::Disk(node) => on_disk(move || work(&node)).await,
        }
    }
}

/// Does what may block on a thread that may.
pub(super) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FsError> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Failure::Trap(wasmtime::Error::new(error))),
    }
}
