//! What one call may write, wherever it writes it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::FsError;

/// What is left of a call's quotas, shared by its tree and its granted directories: several places are no way around them.
#[derive(Debug)]
pub struct Allowance {
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Allowance {
    /// Begins with whole quotas.
    pub const fn new(files: u64, bytes: u64) -> Self {
        Self {
            files: AtomicU64::new(files),
            bytes: AtomicU64::new(bytes),
        }
    }

    /// Takes a new file, directory or link.
    pub(super) fn take_file(&self) -> Result<(), FsError> {
        take(&self.files, 1)
    }

    /// Gives one back that was not made after all.
    pub(super) fn give_file_back(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes bytes.
    pub(super) fn take_bytes(&self, bytes: u64) -> Result<(), FsError> {
        take(&self.bytes, bytes)
    }

    /// Returns the new files, and the bytes, that are left.
    pub fn left(&self) -> (u64, u64) {
        (
            self.files.load(Ordering::Relaxed),
            self.bytes.load(Ordering::Relaxed),
        )
    }
}

fn take(from: &AtomicU64, amount: u64) -> Result<(), FsError> {
    from.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(amount)
    })
    .map(drop)
    .map_err(|_| FsError::InsufficientSpace)
}
