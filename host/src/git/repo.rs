//! A repository, opened from anywhere inside it.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use git2::{ConfigLevel, ErrorCode, Repository, RepositoryOpenFlags};

use super::GitError;
use super::keep::Keeper;

/// How many idle libgit2 handles of a kind are kept: one is opened in a fifth of a millisecond, so more only hold memory.
const IDLE: usize = 4;

/// How often a read that failed is tried again.
const AGAIN: u32 = 2;

/// Whether a handle writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reads; nothing in the repository is touched.
    Read,
    /// Writes our own refs: durably, without reflogs.
    Write,
}

impl Purpose {
    /// The configuration laid over the repository's own, as a file under `paracle/` in the git directory: libgit2 syncs
    /// refs to the disk only when told so by configuration, and has no other safe switch for it.
    fn settings(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Read => None,
            Self::Write => Some((
                "own-refs.gitconfig",
                "# Written by paracle-host: how it writes its own refs.\n[core]\n\tfsyncObjectFiles = true\n\tlogAllRefUpdates = false\n",
            )),
        }
    }
}

struct Inner {
    git_dir: PathBuf,
    common_dir: PathBuf,
    workdir: Option<PathBuf>,
    // libgit2's handle may move between threads and not be shared: each user takes one out.
    readers: Mutex<Vec<Repository>>,
    writers: Mutex<Vec<Repository>>,
    keeper: Mutex<Option<Keeper>>,
}

/// A repository; cheap to clone, and used from any thread.
#[derive(Clone)]
pub struct Repo(Arc<Inner>);

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Repo").field(&self.0.git_dir).finish()
    }
}

impl Repo {
    /// Finds the repository that a path is in: a subdirectory, a linked worktree and a bare repository all work.
    pub fn discover(path: &Path) -> Result<Self, GitError> {
        let none = || GitError::NoRepository {
            path: path.to_owned(),
        };
        let repository = match Repository::open_ext(
            path,
            RepositoryOpenFlags::CROSS_FS,
            std::iter::empty::<&Path>(),
        ) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Err(none()),
            Err(error) => return Err(open_error(path, &error)),
        };
        let inner = Inner {
            git_dir: repository.path().to_owned(),
            common_dir: repository.commondir().to_owned(),
            workdir: repository.workdir().map(Path::to_owned),
            readers: Mutex::new(Vec::new()),
            writers: Mutex::new(Vec::new()),
            keeper: Mutex::new(None),
        };
        inner
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(repository);
        Ok(Self(Arc::new(inner)))
    }

    /// Returns the git directory of this checkout.
    pub fn git_dir(&self) -> &Path {
        &self.0.git_dir
    }

    /// Returns the git directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.0.common_dir
    }

    /// Returns the root of this checkout; a bare repository has none.
    pub fn workdir(&self) -> Option<&Path> {
        self.0.workdir.as_deref()
    }

    /// Returns the directory that paracle-host keeps for itself in the shared git directory, made if need be.
    pub fn own_dir(&self) -> Result<PathBuf, GitError> {
        let dir = self.0.common_dir.join("paracle");
        fs::create_dir_all(&dir).map_err(|error| GitError::file("make", &dir, error))?;
        Ok(dir)
    }

    /// Returns what this process keeps from housekeeping.
    pub(super) fn keepers(&self) -> &Mutex<Option<Keeper>> {
        &self.0.keeper
    }

    /// Runs a closure with a libgit2 handle of its own. One that only reads is run again with a new handle when it failed: the
    /// old one may have found an object in a pack that `git gc` removed before it was read.
    pub(super) fn with<T>(
        &self,
        purpose: Purpose,
        run: impl Fn(&Repository) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let pool = match purpose {
            Purpose::Read => &self.0.readers,
            Purpose::Write => &self.0.writers,
        };
        let idle = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut handle = match idle {
            Some(handle) => handle,
            None => self.open(purpose)?,
        };
        let mut result = run(&handle);
        for _ in 0..AGAIN {
            match (purpose, &result) {
                (Purpose::Read, Err(GitError::Object { .. } | GitError::Library { .. })) => {
                    handle = self.open(purpose)?;
                    result = run(&handle);
                }
                _ => break,
            }
        }
        let mut pool = pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < IDLE {
            pool.push(handle);
        }
        result
    }

    /// Opens a new libgit2 handle.
    pub(super) fn open(&self, purpose: Purpose) -> Result<Repository, GitError> {
        let handle = Repository::open_ext(
            &self.0.git_dir,
            RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::CROSS_FS,
            std::iter::empty::<&Path>(),
        )
        .map_err(|error| open_error(&self.0.git_dir, &error))?;
        if let Some((name, text)) = purpose.settings() {
            let path = self.own_dir()?.join(name);
            // Written whole and moved into place, so that no other process reads half of it.
            if fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
                let own = path.with_extension(format!(
                    "{}-{:?}",
                    std::process::id(),
                    std::thread::current().id()
                ));
                fs::write(&own, text)
                    .and_then(|()| fs::rename(&own, &path))
                    .map_err(|error| GitError::file("write", &path, error))?;
            }
            handle
                .config()
                .and_then(|mut config| config.add_file(&path, ConfigLevel::App, true))
                .map_err(|error| self.library("read the settings", &error))?;
        }
        Ok(handle)
    }

    /// Names the repository in an error of libgit2.
    pub(super) fn library(&self, action: &'static str, error: &git2::Error) -> GitError {
        GitError::Library {
            action,
            path: self.0.workdir.as_ref().unwrap_or(&self.0.git_dir).clone(),
            reason: error.message().to_owned(),
        }
    }
}

fn open_error(path: &Path, error: &git2::Error) -> GitError {
    let reason = error.message();
    if reason.contains("object format") {
        return GitError::ObjectFormat {
            path: path.to_owned(),
            format: if reason.contains("sha256") {
                "SHA-256"
            } else {
                "an unknown hash"
            }
            .to_owned(),
        };
    }
    GitError::Library {
        action: "open the repository",
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
    .or_shut_out()
}
