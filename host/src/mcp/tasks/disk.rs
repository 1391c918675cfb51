//! Tasks in a folder of the repository's own: one file each, and one that is locked while its host lives.

#![expect(
    clippy::disallowed_methods,
    reason = "a task's record outlives its host, and this is where it is"
)]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::private::{self, Others, PrivateError};

/// A folder of tasks.
pub(super) struct Disk {
    folder: PathBuf,
    /// Locked as long as this host lives, so that another one can tell.
    _alive: File,
}

impl Disk {
    /// Opens the folder, for a host of a name.
    pub(super) fn open(folder: PathBuf, host: &str) -> Result<Self, PrivateError> {
        private::make_folder(&folder)?;
        let path = alive(&folder, host);
        let locked = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        match locked {
            Ok(file) => Ok(Self {
                folder,
                _alive: file,
            }),
            Err(source) => Err(PrivateError::File { path, source }),
        }
    }

    /// Writes a task down, so that it is there after a power cut.
    pub(super) fn put(&self, id: &str, bytes: &[u8]) -> io::Result<()> {
        private::replace(&self.path(id), &[bytes])?;
        // The name is what the client was given: it has to be there, too.
        File::open(&self.folder)?.sync_all()
    }

    /// Reads a task, if there is one of that id.
    pub(super) fn get(&self, id: &str, most: u64) -> Result<Option<Vec<u8>>, PrivateError> {
        let path = self.path(id);
        let Some((file, _)) = private::open(&path, Others::Nothing)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        match file.take(most).read_to_end(&mut bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(source) => Err(PrivateError::File { path, source }),
        }
    }

    pub(super) fn remove(&self, id: &str) {
        drop(fs::remove_file(self.path(id)));
    }

    /// Lists the tasks with how many bytes they take, and forgets hosts that are gone.
    pub(super) fn list(&self) -> io::Result<Vec<(String, u64)>> {
        let mut tasks = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some((stem, ending)) = name.to_str().and_then(|name| name.rsplit_once('.')) else {
                continue;
            };
            match ending {
                "json" => tasks.push((stem.to_owned(), entry.metadata()?.len())),
                "alive" if !self.lives(stem) => drop(fs::remove_file(entry.path())),
                _ => {}
            }
        }
        Ok(tasks)
    }

    /// Tells whether a host lives.
    pub(super) fn lives(&self, host: &str) -> bool {
        match File::open(alive(&self.folder, host)) {
            // The lock that is taken here goes with the file.
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

fn alive(folder: &Path, host: &str) -> PathBuf {
    folder.join(format!("{host}.alive"))
}
