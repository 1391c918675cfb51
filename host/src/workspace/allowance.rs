//! What one call may write, wherever it writes it, and what it used.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::FsError;
use crate::model::LimitName;

/// What is left of a call's quotas, shared by its tree and its granted directories: several places are no way around them.
#[derive(Debug)]
pub struct Allowance {
    files: Quota,
    bytes: Quota,
    open: AtomicU64,
    most_open: AtomicU64,
    held: AtomicU64,
    refused: OnceLock<LimitName>,
}

#[derive(Debug)]
struct Quota {
    all: u64,
    left: AtomicU64,
}

impl Quota {
    const fn new(all: u64) -> Self {
        Self {
            all,
            left: AtomicU64::new(all),
        }
    }

    fn take(&self, amount: u64) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(amount)
            })
            .is_ok()
    }

    fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    fn spent(&self) -> u64 {
        self.all.saturating_sub(self.left())
    }
}

impl Allowance {
    /// Begins with whole quotas.
    pub const fn new(files: u64, bytes: u64) -> Self {
        Self {
            files: Quota::new(files),
            bytes: Quota::new(bytes),
            open: AtomicU64::new(0),
            most_open: AtomicU64::new(0),
            held: AtomicU64::new(0),
            refused: OnceLock::new(),
        }
    }

    /// Takes a new file, directory or link.
    pub(super) fn take_file(&self) -> Result<(), FsError> {
        if self.files.take(1) {
            Ok(())
        } else {
            Err(self.refuse(LimitName::Files))
        }
    }

    /// Gives one back that was not made after all.
    pub(super) fn give_file_back(&self) {
        self.files.left.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes bytes.
    pub(super) fn take_bytes(&self, bytes: u64) -> Result<(), FsError> {
        if self.bytes.take(bytes) {
            Ok(())
        } else {
            Err(self.refuse(LimitName::Written))
        }
    }

    /// Counts something that was opened.
    pub(super) fn opened(&self) {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_open.fetch_max(open, Ordering::Relaxed);
    }

    /// Counts bytes that an open file holds.
    pub(super) fn hold(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes back bytes that one held.
    pub(super) fn let_go(&self, bytes: u64) {
        let less = |held: u64| Some(held.saturating_sub(bytes));
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .ok();
    }

    /// Returns how many bytes open files hold.
    pub(super) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts something that was closed.
    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes which limit is reached, if none was before, and returns what the guest is told.
    pub(super) fn refuse(&self, limit: LimitName) -> FsError {
        self.refused.get_or_init(|| limit);
        match limit {
            LimitName::FileSize => FsError::FileTooLarge,
            limit => FsError::InsufficientSpace(limit),
        }
    }

    /// Returns the new files, and the bytes, that are left.
    pub fn left(&self) -> (u64, u64) {
        (self.files.left(), self.bytes.left())
    }

    /// Returns how many files were made, how many bytes were written, and how much was open at once.
    pub fn spent(&self) -> (u64, u64, u64) {
        let most_open = self.most_open.load(Ordering::Relaxed);
        (self.files.spent(), self.bytes.spent(), most_open)
    }

    /// Returns the first limit that something was refused for, if something was: the guest may have died of it in its own way.
    pub fn refused(&self) -> Option<LimitName> {
        self.refused.get().copied()
    }
}
