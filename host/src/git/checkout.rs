//! Checkouts: where a branch is checked out, what is uncommitted there, and git's refusing fast-forward.
#![expect(
    clippy::disallowed_methods,
    reason = "git's own files, and a lock beside them"
)]

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use super::command::{Answer, git};
use super::{Batch, GitError, Moved, RefMove, RefName, Repo};
use crate::model::{BranchName, CommitId};

/// One working tree of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its root.
    pub path: PathBuf,
    /// Whether git can no longer find it.
    pub missing: bool,
    /// Whether git does not know where it is, and `path` is only its git directory.
    pub unknown: bool,
}

/// Paths that are not committed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dirty {
    /// The first of them, as `git status` names them.
    pub paths: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// How a fast-forward of a checked-out branch went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FastForward {
    /// The branch, the index and the files moved.
    Done,
    /// Git or the state of the checkout refuses; nothing moved.
    Refused(String),
}

/// How moving a branch that may be checked out went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// It moved, and a checkout of it with it.
    Done,
    /// It was not where it was expected; nothing changed.
    Elsewhere,
    /// It is checked out, and moving it there is refused; nothing changed.
    Refused(String),
}

impl Repo {
    /// Moves a person's branch ahead by compare-and-swap; where it is checked out, by git's own fast-forward there.
    pub fn advance_branch(
        &self,
        branch: &BranchName,
        old: &CommitId,
        new: &CommitId,
        line: &str,
    ) -> Result<Advance, GitError> {
        match self.checkout_of(branch)? {
            Some(checkout) => self.advance_checkout(&checkout, branch, old, new),
            None => Ok(moved(self.move_branch(branch, old, new, line)?)),
        }
    }

    /// Stores objects and moves a branch of our own ahead in the same way, without a reflog; the objects are stored in any case.
    pub fn advance_own_branch(
        &self,
        objects: &Batch,
        branch: &BranchName,
        old: &CommitId,
        new: &CommitId,
    ) -> Result<Advance, GitError> {
        if let Some(checkout) = self.checkout_of(branch)? {
            self.store(objects)?;
            return self.advance_checkout(&checkout, branch, old, new);
        }
        let branch = RefMove::to_commit(RefName::branch(branch), Some(old), new);
        Ok(moved(self.store_and_move(objects, &[branch])?))
    }

    fn advance_checkout(
        &self,
        checkout: &Checkout,
        branch: &BranchName,
        old: &CommitId,
        new: &CommitId,
    ) -> Result<Advance, GitError> {
        // Of two git processes that move one checkout at once, the second can leave the index of neither commit.
        let _lock = self.lock_checkouts()?;
        let name = RefName::branch(branch);
        if self.read_commit_ref(&name)?.as_ref() != Some(old) {
            return Ok(Advance::Elsewhere);
        }
        Ok(match self.fast_forward(checkout, new)? {
            FastForward::Done => Advance::Done,
            FastForward::Refused(_) if self.read_commit_ref(&name)?.as_ref() != Some(old) => {
                Advance::Elsewhere
            }
            FastForward::Refused(why) => Advance::Refused(why),
        })
    }

    /// Waits until no other process of ours moves a checkout; the system lets go of the lock however this one ends.
    pub(super) fn lock_checkouts(&self) -> Result<File, GitError> {
        let folder = self.common_dir().join("paracle");
        let path = folder.join("checkout.lock");
        let lock = || {
            std::fs::create_dir_all(&folder)?;
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|error| GitError::file("lock", &path, error))
    }

    /// Tells whether any HEAD names a branch: two small reads, so that the usual case starts no process.
    fn is_any_head(&self, branch: &BranchName) -> bool {
        let line = format!("ref: refs/heads/{branch}");
        let names = |dir: &Path| {
            std::fs::read_to_string(dir.join("HEAD")).is_ok_and(|head| head.trim_end() == line)
        };
        names(self.common_dir())
            || std::fs::read_dir(self.common_dir().join("worktrees"))
                .is_ok_and(|dirs| dirs.flatten().any(|dir| names(&dir.path())))
    }

    /// Finds the working tree that has a branch checked out.
    pub fn checkout_of(&self, branch: &BranchName) -> Result<Option<Checkout>, GitError> {
        if !self.is_any_head(branch) {
            return Ok(None);
        }
        let dir = self.git_dir();
        let answer = git(dir, ["worktree", "list", "--porcelain", "-z"])?;
        if answer.code != 0 {
            return Err(answer.error("worktree list", dir));
        }
        let wanted = format!("branch refs/heads/{branch}");
        let mut path: Option<PathBuf> = None;
        let (mut found, mut missing) = (false, false);
        for field in answer.stdout.split(|&byte| byte == 0) {
            if field.is_empty() {
                if let (true, Some(path)) = (found, path.take()) {
                    return Ok(Some(self.checkout_at(path, missing)));
                }
                (found, missing) = (false, false);
            } else if field == b"bare" {
                path = None;
            } else if let Some(root) = field.strip_prefix(b"worktree ") {
                path = Some(os_path(root));
            } else if field == wanted.as_bytes() {
                found = true;
            } else if field.starts_with(b"prunable") {
                missing = true;
            }
        }
        Ok(None)
    }

    /// Corrects what git says of the first working tree where the git directory lies apart from it: nothing there leads back
    /// to the files, so git names the git directory itself.
    fn checkout_at(&self, path: PathBuf, missing: bool) -> Checkout {
        let same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        };
        if !same(&path, self.common_dir()) {
            return Checkout {
                path,
                missing,
                unknown: false,
            };
        }
        let own = self
            .workdir()
            .filter(|root| same(self.git_dir(), self.common_dir()) && root.join(".git").is_file());
        Checkout {
            unknown: own.is_none(),
            path: own.map_or(path, Path::to_owned),
            missing,
        }
    }

    /// Says what keeps a checkout from being moved; none if nothing that can be seen before does.
    pub(super) fn obstacle(checkout: &Checkout) -> Result<Option<String>, GitError> {
        let root = &checkout.path;
        let shown = root.display();
        if checkout.missing || !root.is_dir() {
            return Ok(Some(format!(
                "the checkout {shown} is missing: run `git worktree prune`, then merge again"
            )));
        }
        if checkout.unknown {
            return Ok(Some(format!(
                "it is checked out in a working tree of {shown} that git cannot find from here: merge again in that working tree"
            )));
        }
        let changed = dirty(root, "--untracked-files=no", 3)?;
        if let Some(lock) = Self::left_lock(root) {
            return Ok(Some(cut_off(root, &lock, &changed)));
        }
        if changed.paths.is_empty() {
            return Ok(None);
        }
        Ok(Some(format!(
            "the checkout {shown} has uncommitted changes ({}): commit or stash them, then merge again",
            changed.paths.join(", ")
        )))
    }

    /// Finds the lock of a checkout's index, where no git of ours can have it: we move one at a time.
    fn left_lock(root: &Path) -> Option<PathBuf> {
        let repo = Self::discover(root).ok()?;
        let lock = repo.git_dir().join("index.lock");
        lock.exists().then_some(lock)
    }

    /// Moves a checked-out branch, its index and its files to a commit ahead of it, unless tracked files have changes.
    pub fn fast_forward(
        &self,
        checkout: &Checkout,
        commit: &CommitId,
    ) -> Result<FastForward, GitError> {
        let root = &checkout.path;
        if let Some(why) = Self::obstacle(checkout)? {
            return Ok(FastForward::Refused(why));
        }
        let answer = git(
            root,
            [
                "merge",
                "--ff-only",
                "--no-autostash",
                "--no-stat",
                "--quiet",
                commit.as_str(),
            ],
        )?;
        if answer.code == 0 {
            return Ok(FastForward::Done);
        }
        Ok(FastForward::Refused(said(root, &answer)))
    }
}

/// Says how a checkout goes on in which a git works, or was killed while it wrote files: what it wrote already is no change of
/// the person's, but only they can tell.
fn cut_off(root: &Path, lock: &Path, changed: &Dirty) -> String {
    let shown = root.display();
    let aside = if changed.paths.is_empty() {
        String::new()
    } else {
        format!(
            ", put aside what differs ({}{}) by `git stash --include-untracked`, which loses nothing",
            changed.paths.join(", "),
            if changed.more > 0 { ", …" } else { "" }
        )
    };
    format!(
        "a git works in the checkout {shown}, or one was killed there while it wrote files: {} is its lock; wait for it, or, if none runs \
         there any more, remove that file{aside}, and merge again",
        lock.display()
    )
}

/// Says in git's words why a checkout does not move.
pub(super) fn said(root: &Path, answer: &Answer) -> String {
    let reason = answer
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    format!(
        "git does not move the checkout {}: {reason}",
        root.display()
    )
}

pub(super) fn moved(moved: Moved) -> Advance {
    match moved {
        Moved::Yes => Advance::Done,
        Moved::Elsewhere => Advance::Elsewhere,
    }
}

/// Asks git what is uncommitted in a checkout.
pub(super) fn dirty(root: &Path, untracked: &str, limit: usize) -> Result<Dirty, GitError> {
    let answer = git(
        root,
        ["status", "--porcelain=v1", "-z", "--no-renames", untracked],
    )?;
    if answer.code != 0 {
        return Err(answer.error("status", root));
    }
    let mut dirty = Dirty::default();
    for field in answer
        .stdout
        .split(|&byte| byte == 0)
        .filter(|field| field.len() > 3)
    {
        if dirty.paths.len() < limit {
            dirty
                .paths
                .push(String::from_utf8_lossy(&field[3..]).into_owned());
        } else {
            dirty.more += 1;
        }
    }
    Ok(dirty)
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(&*String::from_utf8_lossy(bytes)))
}
