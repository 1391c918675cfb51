//! The journal's files, and the lock that makes many processes one writer.
#![expect(clippy::disallowed_methods, reason = "the journal is a file")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::JournalError;

const JOURNAL: &str = "audit.jsonl";
const ANCHOR: &str = "audit.head";
const LOCK: &str = "audit.lock";

/// Where the journal, its anchor and its lock are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) journal: PathBuf,
    pub(super) anchor: PathBuf,
    lock: PathBuf,
}

impl Files {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            journal: folder.join(JOURNAL),
            anchor: folder.join(ANCHOR),
            lock: folder.join(LOCK),
        }
    }

    /// Waits for the turn to write; it ends with the file.
    pub(super) fn lock(&self) -> Result<File, JournalError> {
        if let Some(folder) = self.lock.parent() {
            fs::create_dir_all(folder).map_err(JournalError::file("make", folder))?;
        }
        let failed = JournalError::file("lock", &self.lock);
        let file = options().write(true).create(true).open(&self.lock);
        let file = file.map_err(&failed)?;
        file.lock().map_err(&failed)?;
        Ok(file)
    }

    /// Waits until nobody writes; none where nobody ever could.
    pub(super) fn lock_shared(&self) -> Option<File> {
        let file = options().read(true).open(&self.lock).ok()?;
        file.lock_shared().ok()?;
        Some(file)
    }

    /// Opens the journal to add to it; its earlier bytes can be read.
    pub(super) fn open(&self) -> Result<File, JournalError> {
        options()
            .read(true)
            .append(true)
            .create(true)
            .open(&self.journal)
            .map_err(JournalError::file("open", &self.journal))
    }

    /// Opens the journal to read it.
    pub(super) fn open_to_read(&self) -> Result<File, JournalError> {
        match options().read(true).open(&self.journal) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(JournalError::None {
                path: self.journal.clone(),
            }),
            opened => opened.map_err(JournalError::file("open", &self.journal)),
        }
    }

    /// Reads the anchor; none if there is none.
    pub(super) fn read_anchor(&self) -> Result<Option<Vec<u8>>, JournalError> {
        match fs::read(&self.anchor) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(JournalError::file("read", &self.anchor)(error)),
        }
    }

    /// Replaces the anchor whole, and durably: after a power cut there is the old one or the new.
    pub(super) fn write_anchor(&self, bytes: &[u8]) -> Result<(), JournalError> {
        // One name for all: only the holder of the lock writes it.
        let temporary = self.anchor.with_extension("head.tmp");
        options()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&temporary)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_data()
            })
            .and_then(|()| fs::rename(&temporary, &self.anchor))
            .map_err(JournalError::file("write", &self.anchor))
    }
}

/// Files of this user alone; a link in the place of one is not followed, and a pipe not waited for.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .mode(0o600)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    options
}
