//! A repository, opened from anywhere inside it.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use git2::{ErrorCode, Repository, RepositoryOpenFlags};

use super::GitError;
use super::keep::Keeper;

/// How many idle libgit2 handles are kept: one is opened in a fifth of a millisecond, so more only hold memory.
const IDLE: usize = 4;

/// How often a read that failed is tried again.
const AGAIN: u32 = 2;

struct Inner {
    git_dir: PathBuf,
    common_dir: PathBuf,
    workdir: Option<PathBuf>,
    // libgit2's handle may move between threads and not be shared: each user takes one out.
    idle: Mutex<Vec<Repository>>,
    keeper: Mutex<Option<Keeper>>,
    quick: AtomicBool,
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
            idle: Mutex::new(vec![repository]),
            keeper: Mutex::new(None),
            quick: AtomicBool::new(false),
        };
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

    /// Tells whether the disk answered soon when it was last waited for.
    pub(super) fn disk_is_quick(&self) -> &AtomicBool {
        &self.0.quick
    }

    /// Runs a closure that reads with a libgit2 handle of its own, again with a new handle when it failed: the old one may have
    /// found an object in a pack that `git gc` removed before it was read.
    pub(super) fn with<T>(
        &self,
        run: impl Fn(&Repository) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let pool = &self.0.idle;
        let idle = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut handle = match idle {
            Some(handle) => handle,
            None => self.open()?,
        };
        let mut result = run(&handle);
        for _ in 0..AGAIN {
            if !matches!(
                &result,
                Err(GitError::Object { .. } | GitError::Library { .. })
            ) {
                break;
            }
            handle = self.open()?;
            result = run(&handle);
        }
        let mut pool = pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < IDLE {
            pool.push(handle);
        }
        result
    }

    /// Opens a new libgit2 handle, which sees no index: nothing here works on the person's, and libgit2 would read all of it to
    /// look for attributes of one path.
    fn open(&self) -> Result<Repository, GitError> {
        let open = || {
            let git = Repository::open_ext(
                &self.0.git_dir,
                RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::CROSS_FS,
                std::iter::empty::<&Path>(),
            )?;
            git.set_index(&mut git2::Index::new()?)?;
            Ok(git)
        };
        open().map_err(|error: git2::Error| open_error(&self.0.git_dir, &error))
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
    let reason = if reason.contains("extensions.refstorage") {
        "it keeps its refs as a reftable, which this host does not read: `git refs migrate --ref-format=files` keeps them as files, \
         for git as well"
    } else {
        reason
    };
    GitError::Library {
        action: "open the repository",
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
    .or_shut_out()
}
