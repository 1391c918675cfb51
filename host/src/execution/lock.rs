//! Whether a process has an execution open: a lock that the system lets go of when the process ends, however it ends.
#![expect(clippy::disallowed_methods, reason = "a lock is a file")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::git::{GitError, Repo};
use crate::model::ExecutionId;

/// How long taking a lock is tried: who only looks whether it is held, holds it for an instant.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(4);

/// The lock of an execution that this process has open.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

fn path(repo: &Repo, id: &ExecutionId) -> PathBuf {
    repo.common_dir()
        .join("paracle")
        .join("executions")
        .join(format!("{id}.lock"))
}

impl Lock {
    /// Takes the lock; `None` if another holder has it.
    pub(super) fn take(repo: &Repo, id: &ExecutionId) -> Result<Option<Self>, GitError> {
        let path = path(repo, id);
        let failed = |error| GitError::file("lock", &path, error);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(failed)?;
        }
        for _ in 0..TRIES {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                // Cleanup removes lock files: a lock on a removed one locks nothing.
                Ok(()) if is_at(&file, &path) => return Ok(Some(Self { file, path })),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Ok(None)
    }

    /// Tells whether any process has an execution open.
    pub(super) fn is_held(repo: &Repo, id: &ExecutionId) -> bool {
        match File::open(path(repo, id)) {
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }

    /// Lets go of the lock and removes its file, because its execution is gone.
    pub(super) fn remove(self) {
        // While it is still held, so that nobody else locks the file that goes.
        if fs::remove_file(&self.path).is_err() {
            // An empty file that stays does no harm.
        }
        drop(self.file);
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(file), Ok(path)) => (file.dev(), file.ino()) == (path.dev(), path.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
