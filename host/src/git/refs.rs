//! Refs, moved by compare-and-swap only.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fmt;
use std::fs;
use std::time::Duration;

use git2::{ErrorCode, Oid, Repository};

use super::objects::{ObjectId, oid};
use super::repo::Purpose;
use super::{GitError, Repo};
use crate::model::{BranchName, CommitId, ExecutionId};

/// How often a locked ref is tried again, with a pause that grows to 20 ms: five seconds in all.
const TRIES: u64 = 260;

/// From when on a lock of our own refs is that of a process that was killed: a living one holds it for milliseconds.
const STALE: Duration = Duration::from_secs(10);

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
        self.with(Purpose::Read, |git| {
            match git.refname_to_id(name.as_str()) {
                Ok(id) => Ok(Some(ObjectId(id))),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(self.library("read a ref", &error)),
            }
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
        self.swap(Purpose::Write, name, old, new, "")
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
        self.swap(
            Purpose::MoveBranch,
            &RefName::branch(branch),
            Some(ObjectId(oid(old))),
            Some(ObjectId(oid(new))),
            line,
        )
    }

    fn swap(
        &self,
        purpose: Purpose,
        name: &RefName,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        line: &str,
    ) -> Result<Moved, GitError> {
        for attempt in 0..TRIES {
            let result = self.with(purpose, |git| {
                Ok(swap_once(
                    git,
                    name,
                    old.map(|id| id.0),
                    new.map(|id| id.0),
                    line,
                ))
            })?;
            match result {
                Ok(moved) => return Ok(moved),
                Err(error) if error.code() == ErrorCode::Locked => {
                    if purpose == Purpose::Write {
                        self.break_stale_lock(name);
                    }
                    std::thread::sleep(Duration::from_millis(attempt.clamp(1, 20)));
                }
                Err(error) => return Err(self.library("move a ref", &error)),
            }
        }
        Err(GitError::RefLocked {
            name: name.to_string(),
        })
    }

    /// Removes the lock that a killed process left on a ref of our own: nobody else would.
    fn break_stale_lock(&self, name: &RefName) {
        let path = self.common_dir().join(format!("{name}.lock"));
        let stale = fs::metadata(&path)
            .and_then(|lock| lock.modified())
            .is_ok_and(|then| then.elapsed().is_ok_and(|age| age > STALE));
        if stale && fs::remove_file(&path).is_err() {
            // Somebody else removed it, or it stays and the caller's tries run out.
        }
    }

    /// Lists the refs whose names match a glob, with what they point at.
    pub fn list_refs(&self, glob: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
        self.with(Purpose::Read, |git| {
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

fn swap_once(
    git: &Repository,
    name: &RefName,
    old: Option<Oid>,
    new: Option<Oid>,
    line: &str,
) -> Result<Moved, git2::Error> {
    let result = match (old, new) {
        (None, None) => return Ok(Moved::Yes),
        (None, Some(new)) => git.reference(name.as_str(), new, false, line).map(drop),
        (Some(old), Some(new)) => git
            .reference_matching(name.as_str(), new, true, old, line)
            .map(drop),
        (Some(old), None) => git.find_reference(name.as_str()).and_then(|mut reference| {
            // libgit2 deletes only while the ref is what was just read; this compares that with what is expected.
            if reference.target() == Some(old) {
                reference.delete()
            } else {
                Err(git2::Error::new(
                    ErrorCode::Modified,
                    git2::ErrorClass::Reference,
                    "the ref moved",
                ))
            }
        }),
    };
    match result {
        Ok(()) => Ok(Moved::Yes),
        Err(error)
            if matches!(
                error.code(),
                ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound
            ) =>
        {
            Ok(Moved::Elsewhere)
        }
        Err(error) => Err(error),
    }
}
