//! What all handles of one granted directory share: how far it is open, and the account of what was done there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::model::{Access, DirectoryUse, LimitName};
use crate::workspace::{Allowance, FsError};

/// Files, directories and streams of granted directories that one call may hold at once. Each stream may have a piece of work
/// waiting, so that this bounds memory, too. Part of the call's limit of handles, which no setting raises.
const MOST_OF_CALL: usize = 256;

/// A granted directory, as far as its handles have to know.
#[derive(Debug)]
pub(super) struct Root {
    at: String,
    access: Access,
    pub(super) allowance: Arc<Allowance>,
    held: Arc<Held>,
    changes: AtomicU64,
    written: AtomicU64,
    refused: AtomicBool,
}

/// How many handles a call holds in its granted directories. Each takes one of the process's, which others need too.
#[derive(Debug)]
pub(super) struct Held {
    open: AtomicUsize,
    allowance: Arc<Allowance>,
}

impl Held {
    pub(super) const fn new(allowance: Arc<Allowance>) -> Self {
        Self {
            open: AtomicUsize::new(0),
            allowance,
        }
    }
}

/// How many files and directories all calls hold.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// What takes one of a call's places while it lives.
#[derive(Debug)]
pub(super) struct Slot(Arc<Held>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.allowance.closed();
    }
}

/// What takes one of the process's handles as well.
#[derive(Debug)]
pub(super) struct FileSlot {
    _of_call: Slot,
}

impl Drop for FileSlot {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Root {
    pub(super) fn new(
        at: String,
        access: Access,
        allowance: Arc<Allowance>,
        held: Arc<Held>,
    ) -> Self {
        Self {
            at,
            access,
            allowance,
            held,
            changes: AtomicU64::new(0),
            written: AtomicU64::new(0),
            refused: AtomicBool::new(false),
        }
    }

    pub(super) fn at(&self) -> &str {
        &self.at
    }

    pub(super) fn is_read_only(&self) -> bool {
        match self.access {
            Access::None | Access::ReadOnly => true,
            Access::ReadWrite => false,
        }
    }

    /// Refuses a change of what was granted for reading.
    pub(super) fn check_writable(&self) -> Result<(), FsError> {
        if self.is_read_only() {
            self.refused.store(true, Ordering::Relaxed);
            Err(FsError::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// Tells whether a change was refused here because it was granted for reading.
    pub(super) fn refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Counts a stream, within what a call may hold.
    pub(super) fn hold(&self) -> Result<Slot, FsError> {
        let before = self.held.open.fetch_add(1, Ordering::Relaxed);
        self.allowance.opened();
        // Too much is given back as the slot goes.
        let slot = Slot(self.held.clone());
        if before < MOST_OF_CALL {
            Ok(slot)
        } else {
            // Not noted as a limit of the call that was reached: raising that one would not help.
            Err(FsError::InsufficientSpace(LimitName::Handles))
        }
    }

    /// Counts a file or directory, within what a call and this process may hold.
    pub(super) fn hold_file(&self) -> Result<FileSlot, FsError> {
        let of_call = self.hold()?;
        let before = HELD.fetch_add(1, Ordering::Relaxed);
        let slot = FileSlot { _of_call: of_call };
        if before < most_of_all() {
            Ok(slot)
        } else {
            Err(FsError::NoRoom)
        }
    }

    /// Notes that a name was made, removed or renamed, or a file's content or size was changed.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes bytes that were written.
    pub(super) fn wrote(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns what was done here so far.
    pub(super) fn account(&self) -> DirectoryUse {
        DirectoryUse {
            at: self.at.clone(),
            access: self.access,
            changes: self.changes.load(Ordering::Relaxed),
            written_bytes: self.written.load(Ordering::Relaxed),
        }
    }
}

/// Half of what the process may open is for the rest of it.
fn most_of_all() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.map_or(usize::MAX, |most| {
        usize::try_from(most / 2).unwrap_or(usize::MAX)
    })
}
