//! Refs, moved by compare-and-swap only.
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::time::Duration;

use git2::ErrorCode;

use super::command::git;
use super::objects::{ObjectId, oid};
use super::own_refs::{RefMove, Stuck};
use super::write::Batch;
use super::{GitError, Repo};
use crate::model::{BranchName, CommitId, ExecutionId};

/// How often a locked ref is tried again, with a pause that grows to 20 ms: fifteen seconds in all.
const TRIES: u64 = 760;

/// How often a ref is tried again whose folders another process takes away as they are empty.
const ERRORS: u64 = 50;

/// From when on a lock of our own refs may be that of a process that was killed: a living one holds it for milliseconds.
const OLD: Duration = Duration::from_secs(1);

/// How often a listing is taken again while `git pack-refs` works.
const LISTINGS: u32 = 5;

/// The full name of a ref.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefName(String);

impl RefName {
    /// Names a branch.
    pub fn branch(branch: &BranchName) -> Self {
        Self(format!("refs/heads/{branch}"))
    }

    /// Names a ref that belongs to an execution; the leaf is one of our own words.
    pub fn execution(id: &ExecutionId, leaf: &str) -> Self {
        Self(format!("refs/paracle/executions/{id}/{leaf}"))
    }

    /// Tells whether only processes of ours move it.
    fn is_ours(&self) -> bool {
        self.0.starts_with("refs/paracle/") || self.0.starts_with("refs/heads/exec/")
    }

    /// Names what would stand in its way if it were a ref: its folders, below the first two.
    pub(super) fn above(&self) -> impl Iterator<Item = Self> {
        let ends = self.0.match_indices('/').skip(2);
        ends.map(|(end, _)| Self(self.0[..end].to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a compare-and-swap went.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The ref moved.
    Yes,
    /// The ref was not where it was expected; nothing changed.
    Elsewhere,
}

impl Repo {
    /// Reads what a ref points at, through symbolic refs.
    pub fn read_ref(&self, name: &RefName) -> Result<Option<ObjectId>, GitError> {
        self.with(|git| match git.refname_to_id(name.as_str()) {
            Ok(id) => Ok(Some(ObjectId(id))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(self.library("read a ref", &error)),
        })
    }

    /// Reads the commit that a ref points at.
    pub fn read_commit_ref(&self, name: &RefName) -> Result<Option<CommitId>, GitError> {
        Ok(self.read_ref(name)?.map(ObjectId::to_commit))
    }

    /// Moves a ref of our own from an old to a new object; `None` is "there is no such ref".
    pub fn move_ref(
        &self,
        name: &RefName,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
    ) -> Result<Moved, GitError> {
        match (old, new) {
            (None, None) => Ok(Moved::Yes),
            (Some(old), None) => {
                let removed = {
                    let _moving = self.moving()?;
                    self.remove_loose(name, old)
                };
                // Not under the gate: whoever is in it cannot break a lock that a killed process left.
                removed.map_or_else(|| self.git_moves(name, old, None, ""), Ok)
            }
            (old, Some(new)) => {
                let name = name.clone();
                self.store_and_move(&Batch::default(), &[RefMove { name, old, new }])
            }
        }
    }

    /// Moves a ref of our own between commits.
    pub fn move_commit_ref(
        &self,
        name: &RefName,
        old: Option<&CommitId>,
        new: Option<&CommitId>,
    ) -> Result<Moved, GitError> {
        self.move_ref(
            name,
            old.map(|id| ObjectId(oid(id))),
            new.map(|id| ObjectId(oid(id))),
        )
    }

    /// Moves a person's branch, with a line in its reflog; whoever calls has made sure that it is checked out nowhere.
    pub(super) fn move_branch(
        &self,
        branch: &BranchName,
        old: &CommitId,
        new: &CommitId,
        line: &str,
    ) -> Result<Moved, GitError> {
        self.git_moves(
            &RefName::branch(branch),
            ObjectId(oid(old)),
            Some(ObjectId(oid(new))),
            line,
        )
    }

    /// Has git itself move or delete a ref. It goes on when this process is killed, so that no lock of a person's branch or of
    /// the packed refs is left behind; and libgit2, which deletes, may lose what `git pack-refs` packs at that instant.
    fn git_moves(
        &self,
        name: &RefName,
        old: ObjectId,
        new: Option<ObjectId>,
        line: &str,
    ) -> Result<Moved, GitError> {
        let old_id = old.to_string();
        let new_id = new.map(|id| id.to_string());
        let arguments = match &new_id {
            Some(new) => vec![
                "update-ref",
                "--no-deref",
                "-m",
                line,
                name.as_str(),
                new,
                &old_id,
            ],
            None => vec!["update-ref", "--no-deref", "-d", name.as_str(), &old_id],
        };
        for attempt in 0..TRIES {
            let answer = {
                let _moving = self.moving()?;
                git(self.git_dir(), &arguments)?
            };
            if answer.code == 0 {
                return Ok(Moved::Yes);
            }
            if self.read_ref(name)? != Some(old) {
                return Ok(Moved::Elsewhere);
            }
            if !answer.stderr.contains(".lock") && attempt >= ERRORS {
                return Err(answer.error("update-ref", self.git_dir()));
            }
            self.break_stale_lock(name);
            pause(attempt);
        }
        Err(GitError::RefLocked {
            name: name.to_string(),
        })
    }

    /// Tries to move refs of our own until they have moved, or are found elsewhere.
    pub(super) fn until_moved(
        &self,
        mut once: impl FnMut() -> Result<(), Stuck>,
    ) -> Result<Moved, GitError> {
        for attempt in 0..TRIES {
            let tried = {
                let _moving = self.moving()?;
                once()
            };
            match tried {
                Ok(()) => return Ok(Moved::Yes),
                Err(Stuck::Elsewhere) => return Ok(Moved::Elsewhere),
                Err(Stuck::Failed(error)) => return Err(error),
                Err(Stuck::Locked(name)) if attempt + 1 == TRIES => {
                    return Err(GitError::RefLocked {
                        name: name.to_string(),
                    });
                }
                Err(Stuck::Locked(name)) => self.break_stale_lock(&name),
            }
            pause(attempt);
        }
        Ok(Moved::Elsewhere)
    }

    /// Says, for as long as the value lives, that this process moves a ref of our own.
    fn moving(&self) -> Result<Option<File>, GitError> {
        self.gate(|gate| gate.lock_shared().map(|()| true))
    }

    /// Opens the file that every process of ours locks, shared, while it moves a ref of our own; none if `lock` did not get it.
    fn gate(
        &self,
        lock: impl FnOnce(&File) -> std::io::Result<bool>,
    ) -> Result<Option<File>, GitError> {
        let path = self.own_dir()?.join("refs.lock");
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .and_then(|file| Ok(lock(&file)?.then_some(file)));
        opened.map_err(|error| GitError::file("lock", &path, error))
    }

    /// Removes the lock that a killed process of ours left on a ref: nobody else would. While no process of ours moves a ref, such
    /// a lock is nobody's; any other is its owner's, however old it is.
    fn break_stale_lock(&self, name: &RefName) {
        let path = self.common_dir().join(format!("{name}.lock"));
        let old = fs::symlink_metadata(&path)
            .and_then(|lock| lock.modified())
            .is_ok_and(|then| then.elapsed().is_ok_and(|age| age > OLD));
        if !name.is_ours() || !old {
            return;
        }
        let alone = self.gate(|gate| match gate.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        });
        if let Ok(Some(_alone)) = alone {
            self.remove_own_lock(&path);
        }
    }

    /// Lists the refs whose names match a glob, with what they point at.
    pub fn list_refs(&self, glob: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
        let packed = || {
            let packed = fs::metadata(self.common_dir().join("packed-refs")).ok()?;
            Some((packed.modified().ok()?, packed.len()))
        };
        let mut found = Vec::new();
        for _ in 0..LISTINGS {
            let before = packed();
            found = self.list_refs_once(glob)?;
            // A ref that `git pack-refs` moved meanwhile may have been seen in neither place.
            if packed() == before {
                break;
            }
        }
        Ok(found)
    }

    fn list_refs_once(&self, glob: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
        self.with(|git| {
            let failed = |error: git2::Error| self.library("list refs", &error);
            let mut found = Vec::new();
            for reference in git.references_glob(glob).map_err(failed)? {
                // One that vanishes meanwhile, or is no text, is none of ours.
                if let Ok(reference) = reference
                    && let (Ok(name), Some(id)) = (reference.name(), reference.target())
                {
                    found.push((name.to_owned(), ObjectId(id)));
                }
            }
            found.sort();
            Ok(found)
        })
    }
}

fn pause(attempt: u64) {
    std::thread::sleep(Duration::from_millis(attempt.clamp(1, 20)));
}
