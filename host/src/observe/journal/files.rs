//! The journal's files, and the lock that makes many processes one writer.
//!
//! Records are added to `audit.jsonl`. Once that is long enough it is closed: it gets the number of its last record for a name,
//! which no other segment can have, and is not written to any more. The chain goes on through all of them.
#![expect(clippy::disallowed_methods, reason = "the journal is a file")]

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::JournalError;

pub(super) const JOURNAL: &str = "audit.jsonl";
const ANCHOR: &str = "audit.head";
const LOCK: &str = "audit.lock";

/// More bytes than an anchor has.
const LONGEST_ANCHOR: u64 = 4096;

/// Where the journal, its anchor and its lock are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    folder: PathBuf,
    /// The segment that records are added to.
    pub(super) journal: PathBuf,
    pub(super) anchor: PathBuf,
    lock: PathBuf,
}

/// A turn to write, or to read while nobody writes: the locks, which end with their files.
#[must_use]
#[expect(dead_code, reason = "the files are only held")]
pub(super) struct Turn([Option<File>; 2]);

impl Files {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            journal: folder.join(JOURNAL),
            anchor: folder.join(ANCHOR),
            lock: folder.join(LOCK),
        }
    }

    /// Waits for the turn to write; it ends with what is returned.
    pub(super) fn lock(&self) -> Result<Turn, JournalError> {
        fs::create_dir_all(&self.folder).map_err(JournalError::file("make", &self.folder))?;
        let folder = self.lock_folder(File::lock);
        let failed = JournalError::file("lock", &self.lock);
        let file = opened(options().write(true).create(true), &self.lock).map_err(&failed)?;
        file.lock().map_err(&failed)?;
        Ok(Turn([folder, Some(file)]))
    }

    /// Waits until nobody writes.
    pub(super) fn lock_shared(&self) -> Turn {
        let folder = self.lock_folder(File::lock_shared);
        let file = opened(options().read(true), &self.lock)
            .and_then(|file| file.lock_shared().map(|()| file));
        Turn([folder, file.ok()])
    }

    /// Locks the folder itself: who removes the lock's file would let the next process lock another one of that name. None
    /// where a file system, such as one of another machine, locks no folders; the file is what holds there.
    fn lock_folder(&self, lock: impl Fn(&File) -> io::Result<()>) -> Option<File> {
        let folder = File::open(&self.folder).ok()?;
        lock(&folder).ok()?;
        Some(folder)
    }

    /// Opens the journal to add to it; its earlier bytes can be read.
    pub(super) fn open(&self) -> Result<File, JournalError> {
        opened(
            options().read(true).append(true).create(true),
            &self.journal,
        )
        .map_err(JournalError::file("open", &self.journal))
    }

    /// Lists the segments that are closed, the oldest first.
    pub(super) fn closed(&self) -> Result<Vec<PathBuf>, JournalError> {
        let failed = JournalError::file("list", &self.folder);
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(&failed)?,
        };
        let mut numbered: BTreeMap<u64, PathBuf> = BTreeMap::new();
        for entry in entries {
            let path = entry.map_err(&failed)?.path();
            if let Some(number) = number(&path) {
                numbered.insert(number, path);
            }
        }
        Ok(numbered.into_values().collect())
    }

    /// Closes the segment that records were added to, by the number of its last record; false where that name is taken, so
    /// that nothing is ever replaced. Only for the holder of the lock.
    pub(super) fn close(&self, last: u64) -> Result<bool, JournalError> {
        let to = self.folder.join(name(last));
        if fs::symlink_metadata(&to).is_ok() {
            return Ok(false);
        }
        // The folder too: a power cut must not leave an anchor that is newer than what it speaks of.
        fs::rename(&self.journal, &to)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(JournalError::file("give a number to", &self.journal))?;
        Ok(true)
    }

    /// Lists all segments, the oldest first; an error if there is none.
    pub(super) fn segments(&self) -> Result<Vec<PathBuf>, JournalError> {
        let mut segments = self.closed()?;
        if fs::symlink_metadata(&self.journal).is_ok() {
            segments.push(self.journal.clone());
        }
        if segments.is_empty() {
            return Err(JournalError::None {
                path: self.journal.clone(),
            });
        }
        Ok(segments)
    }

    /// Returns the length of the segment that records are added to; 0 if there is none.
    pub(super) fn length(&self) -> u64 {
        fs::symlink_metadata(&self.journal).map_or(0, |metadata| metadata.len())
    }

    /// Reads the anchor; none if there is none.
    pub(super) fn read_anchor(&self) -> Result<Option<Vec<u8>>, JournalError> {
        let failed = JournalError::file("read", &self.anchor);
        let file = match opened(options().read(true), &self.anchor) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(&failed)?,
        };
        let mut bytes = Vec::new();
        file.take(LONGEST_ANCHOR)
            .read_to_end(&mut bytes)
            .map_err(&failed)?;
        Ok(Some(bytes))
    }

    /// Replaces the anchor whole, and durably: after a power cut there is the old one or the new.
    pub(super) fn write_anchor(&self, bytes: &[u8]) -> Result<(), JournalError> {
        // One name for all: only the holder of the lock writes it.
        let temporary = self.anchor.with_extension("head.tmp");
        opened(
            options().write(true).create(true).truncate(true),
            &temporary,
        )
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_data()
        })
        .and_then(|()| fs::rename(&temporary, &self.anchor))
        .map_err(JournalError::file("write", &self.anchor))
    }
}

/// Opens a segment to read it.
pub(super) fn open_to_read(path: &Path) -> Result<File, JournalError> {
    opened(options().read(true), path).map_err(JournalError::file("open", path))
}

/// The name of a closed segment; names sort as their numbers do.
fn name(number: u64) -> String {
    format!("audit.{number:09}.jsonl")
}

/// Reads the number of a closed segment; none if the file is another one.
fn number(path: &Path) -> Option<u64> {
    let file = path.file_name()?.to_str()?;
    let digits = file.strip_prefix("audit.")?.strip_suffix(".jsonl")?;
    let number = digits.parse().ok()?;
    (name(number) == file).then_some(number)
}

/// Files of this user alone; a link in the place of one is not followed, and a pipe not waited for.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .mode(0o600)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    options
}

/// Opens what is a file, and nothing else that has its name: reading a pipe or a device could last for ever.
fn opened(options: &OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    let why = "it is no file: look at who put it there, and move it away";
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}
