//! Packs that no housekeeping takes before the refs that need them have moved.
//!
//! `git gc --prune=now` and `git prune` remove every loose object that no ref reached when they looked, even one that a ref
//! reaches by now; `git repack -ad` removes each pack that it found at its start, unless a `.keep` file stands beside it. So
//! what is stored is a pack with a `.keep`, which is there before the pack is. Its name is its own, never that of its content:
//! a pack that is about to be removed cannot be written once more under the same name.
//!
//! Keeping ends with the process, or [`KEPT_FOR`] after it began: by then the ref has moved, or never will. The keeps of a
//! process that was killed are removed by the next one that stores.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ulid::Ulid;

use super::{GitError, Repo};

/// How long a process keeps a pack: far longer than any ref takes to move, and short enough that a server leaves few behind.
const KEPT_FOR: Duration = Duration::from_mins(10);

/// At the first pack that a process stores, and each so many later, our small packs are joined if they are many.
const ROLL_EVERY: usize = 32;

/// How the names of our packs begin, in hexadecimal digits, because all of git's do: "para".
const MARK: &str = "pack-70617261";

/// The first word of our keep files; the second names the keeper.
const WORD: &str = "paracle-host";

/// What one process keeps in a repository.
#[derive(Debug)]
pub(super) struct Keeper {
    /// Locked for as long as this process lives: who reads a keep file can tell.
    alive: File,
    token: String,
    home: PathBuf,
    kept: Vec<(Instant, PathBuf)>,
    /// How many packs were stored.
    stored: usize,
}

impl Keeper {
    /// Removes the keeps that are old enough, or all.
    fn release(&mut self, all: bool) {
        let now = Instant::now();
        self.kept.retain(|(since, path)| {
            let over = all || now.saturating_duration_since(*since) >= KEPT_FOR;
            if over && fs::remove_file(path).is_err() {
                // A pack that stays kept does no harm.
            }
            !over
        });
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.release(true);
        if fs::remove_file(place(&self.home, &self.token)).is_err() {
            // An empty file that stays does no harm.
        }
        if self.alive.unlock().is_err() {
            // The system lets go of it anyway.
        }
    }
}

fn place(home: &Path, token: &str) -> PathBuf {
    home.join(format!("{token}.lock"))
}

impl Repo {
    fn objects(&self) -> PathBuf {
        self.common_dir().join("objects")
    }

    /// Makes a folder for what is about to be stored, in the file system of the objects.
    pub(super) fn incoming(&self) -> Result<PathBuf, GitError> {
        let token = self.keeper(|keeper| Ok(keeper.token.clone()))?;
        let folder = self
            .objects()
            .join("paracle-incoming")
            .join(format!("{token}-{}", Ulid::generate()));
        fs::create_dir_all(&folder).map_err(|error| GitError::file("make", &folder, error))?;
        Ok(folder)
    }

    /// Takes the one pack in a folder into the object database: kept, and its bytes on the disk when this returns. The folder
    /// goes; that which is returned has its name now, and is on the disk once it is synced.
    pub(super) fn admit(&self, folder: &Path) -> Result<PathBuf, GitError> {
        let pack = pack_in(folder)?;
        let target = self.objects().join("pack");
        fs::create_dir_all(&target).map_err(|error| GitError::file("make", &target, error))?;
        let stem = format!("{MARK}{:032x}", Ulid::generate().0);
        let keep = target.join(format!("{stem}.keep"));
        let stored = self.keeper(|keeper| {
            fs::write(&keep, format!("{WORD} {}\n", keeper.token))
                .map_err(|error| GitError::file("write", &keep, error))?;
            keeper.kept.push((Instant::now(), keep.clone()));
            keeper.stored += 1;
            Ok(keeper.stored)
        })?;
        let index = pack.with_extension("idx");
        self.sync(&[pack.clone(), index.clone()])?;
        for (from, ending) in [(&pack, "pack"), (&index, "idx")] {
            let to = target.join(format!("{stem}.{ending}"));
            fs::rename(from, &to).map_err(|error| GitError::file("store", &to, error))?;
        }
        Self::forget_incoming(folder);
        if stored % ROLL_EVERY == 1
            && let Err(error) = self.roll()
        {
            // Only a tidying up: what was stored is stored.
            tracing::debug!("our small packs stay as they are: {error}");
        }
        Ok(target)
    }

    /// Removes a folder of [`incoming`](Self::incoming).
    pub(super) fn forget_incoming(folder: &Path) {
        if fs::remove_dir_all(folder).is_err() {
            // What stays is removed by the next process.
        }
    }

    fn keeper<T>(
        &self,
        with: impl FnOnce(&mut Keeper) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let mut keeper = self
            .keepers()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = keeper.as_mut() {
            keeper.release(false);
            return with(keeper);
        }
        let home = self.own_dir()?.join("keepers");
        fs::create_dir_all(&home).map_err(|error| GitError::file("make", &home, error))?;
        self.sweep(&home);
        let token = Ulid::generate().to_string();
        let path = place(&home, &token);
        let alive = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| GitError::file("lock", &path, error))?;
        with(keeper.insert(Keeper {
            alive,
            token,
            home,
            kept: Vec::new(),
            stored: 0,
        }))
    }

    /// Removes what processes left that were killed. What cannot be removed does no harm.
    fn sweep(&self, home: &Path) {
        let packs = self.objects().join("pack");
        for path in entries(&packs).filter(|path| is_ours(path, "keep")) {
            let Some(token) = fs::read_to_string(&path).ok().and_then(|text| token(&text)) else {
                continue;
            };
            if is_alive(home, &token) {
                continue;
            }
            let whole = path.with_extension("idx").exists();
            if !whole && fs::remove_file(path.with_extension("pack")).is_err() {
                // It was killed before the pack was there.
            }
            if fs::remove_file(&path).is_err() {
                // Another process was quicker.
            }
        }
        for path in entries(&self.objects().join("paracle-incoming")) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let token = name.split('-').next().unwrap_or_default();
            if !is_alive(home, token) && fs::remove_dir_all(&path).is_err() {
                // Another process was quicker.
            }
        }
    }
}

/// Tells whether the process is there that keeps under a token. Its lock file goes if it is not.
fn is_alive(home: &Path, token: &str) -> bool {
    let path = place(home, token);
    let Ok(file) = File::open(&path) else {
        return false;
    };
    match file.try_lock_shared() {
        // Who cannot be asked may be there.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        Ok(()) => {
            if fs::remove_file(&path).is_err() {
                // Another process was quicker.
            }
            false
        }
    }
}

fn token(text: &str) -> Option<String> {
    let token = text.strip_prefix(WORD)?.trim();
    token.parse::<Ulid>().ok().map(|_| token.to_owned())
}

pub(super) fn is_ours(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|other| other == ending)
        && path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(MARK))
}

pub(super) fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).ok();
    entries
        .into_iter()
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
}

fn pack_in(folder: &Path) -> Result<PathBuf, GitError> {
    entries(folder)
        .find(|path| path.extension().is_some_and(|ending| ending == "pack"))
        .ok_or_else(|| {
            let none = io::Error::new(io::ErrorKind::NotFound, "no pack was written");
            GitError::file("store", folder, none)
        })
}
