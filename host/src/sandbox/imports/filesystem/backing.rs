//! What stands behind a descriptor: a node of the git tree, or a file or directory of a granted directory.

use tokio::task::JoinHandle;

use super::Failure;
use super::open_file::OpenFile;
use super::roof::{Roof, Under};
use crate::workspace::{DiskNode, FsError, OpenFlags, OpenNode};

/// How much of a file that is in memory one read or write of a stream moves at the most.
const LARGE: usize = 1 << 20;

/// The same where it waits for a disk: it is kept meanwhile, and a call may have as many as it has streams.
const SMALL: usize = 64 << 10;

/// An open file or directory.
#[derive(Clone)]
pub(super) enum Backing {
    /// Of the call's tree: in memory, in the call's own file on the disk, or read from the object database.
    Git(OpenFile),
    /// The directory above several trees.
    Roof(Roof),
    /// Of a directory of the machine.
    Disk(DiskNode),
}

/// What was begun.
pub(super) enum Work<T> {
    /// It is done already.
    Done(Result<T, FsError>),
    /// It is done on a thread that may block.
    Waiting(JoinHandle<Result<T, FsError>>),
}

impl<T> Work<T> {
    /// Waits until it is done; asked once.
    pub(super) async fn outcome(&mut self) -> Result<T, FsError> {
        match self {
            Self::Done(done) => std::mem::replace(done, Err(FsError::BadDescriptor)),
            // Whatever panicked is an error of the disk.
            Self::Waiting(task) => task
                .await
                .unwrap_or_else(|error| Err(FsError::Disk(std::io::Error::other(error)))),
        }
    }
}

impl Backing {
    /// Begins to do something to it. A disk may be slow, or far away, so that what is done there is done on a thread that may
    /// block: the deadline and the cancellation of the call do not wait for it, and neither do other calls. What is in memory
    /// is done at once: to change threads would take longer.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn OpenNode) -> Result<T, FsError> + Send + 'static,
    ) -> Work<T> {
        match self {
            Self::Git(file) if !file.may_block() => Work::Done(work(file)),
            // Directories are looked up, and nothing is read.
            Self::Roof(roof) => Work::Done(work(roof)),
            Self::Git(file) => {
                let (file, busy) = (file.clone(), file.busy());
                Work::Waiting(tokio::task::spawn_blocking(move || {
                    let done = work(&file);
                    // The call may take its tree back as soon as nobody is busy with it.
                    drop(file);
                    drop(busy);
                    done
                }))
            }
            Self::Disk(node) => {
                let node = node.clone();
                Work::Waiting(tokio::task::spawn_blocking(move || work(&node)))
            }
        }
    }

    /// Does something to it.
    pub(super) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&dyn OpenNode) -> Result<T, FsError> + Send + 'static,
    ) -> Result<T, Failure> {
        Ok(self.begin(work).outcome().await?)
    }

    /// Returns it for a stream, which is counted where it takes something of the machine.
    pub(super) fn for_stream(self) -> Result<Self, FsError> {
        match self {
            Self::Git(_) | Self::Roof(_) => Ok(self),
            Self::Disk(node) => Ok(Self::Disk(node.for_stream()?)),
        }
    }

    /// Goes through a roof, to what a path opens there.
    pub(super) fn opening(self, path: String, how: OpenFlags) -> Result<(Self, String), FsError> {
        match self {
            Self::Roof(roof) => match roof.under(&path)? {
                Under::Roof => Ok((Self::Roof(roof), path)),
                Under::Member(top, rest) => Ok((Self::Git(top), rest)),
                Under::Nothing if how.create => Err(FsError::NotPermitted),
                Under::Nothing => Err(FsError::NoEntry),
            },
            other @ (Self::Git(_) | Self::Disk(_)) => Ok((other, path)),
        }
    }

    /// Goes through a roof, to what a path makes or takes away there.
    pub(super) fn changing(self, path: String) -> Result<(Self, String), FsError> {
        match self {
            Self::Roof(roof) => {
                let (top, rest) = roof.changing(&path)?;
                Ok((Self::Git(top), rest))
            }
            other @ (Self::Git(_) | Self::Disk(_)) => Ok((other, path)),
        }
    }

    /// Returns how much a stream moves at once.
    pub(super) fn chunk(&self) -> usize {
        match self {
            Self::Git(file) if !file.may_block() => LARGE,
            Self::Git(_) | Self::Roof(_) | Self::Disk(_) => SMALL,
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
