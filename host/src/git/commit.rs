//! Commits: reading them, naming them, making them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use git2::{ErrorCode, Signature};

use super::objects::{ObjectId, TreeId, oid};
use super::write::{Batch, ObjectKind};
use super::{GitError, Repo};
use crate::model::{BranchName, CommitId};

/// Who commits: the host itself, whoever the author is.
pub(super) const COMMITTER: (&str, &str) = ("paracle-host", "paracle-host@localhost");

/// The shortest beginning of a commit's id that names it, as in `git log --oneline`.
const SHORTEST_ID: usize = 7;

/// What a commit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its id.
    pub id: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// Its parents.
    pub parents: Vec<CommitId>,
    /// Its message; bytes that are not UTF-8 are shown as U+FFFD.
    pub message: String,
    /// When it was committed.
    pub time: SystemTime,
}

/// A commit to be made.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// Its tree, stored already.
    pub tree: TreeId,
    /// Its parents.
    pub parents: &'a [CommitId],
    /// Its message, without trailers.
    pub message: &'a str,
    /// Lines of `Key: value` at its end.
    pub trailers: &'a [(String, String)],
}

impl Repo {
    /// Reads a commit.
    pub fn commit(&self, id: &CommitId) -> Result<CommitInfo, GitError> {
        self.with(|git| {
            let commit = git.find_commit(oid(id)).map_err(|error| GitError::Object {
                id: id.to_string(),
                kind: "commit",
                reason: error.message().to_owned(),
            })?;
            let seconds = commit.time().seconds();
            Ok(CommitInfo {
                id: id.clone(),
                tree: TreeId::new(ObjectId(commit.tree_id())),
                parents: commit
                    .parent_ids()
                    .map(|id| ObjectId(id).to_commit())
                    .collect(),
                message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
                time: UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)),
            })
        })
    }

    /// Reads the newest commits of all branches and of what the host keeps itself.
    pub fn newest_commits(&self, most: usize) -> Result<Vec<CommitInfo>, GitError> {
        let ids: Vec<CommitId> = self.with(|git| {
            let failed = |error: git2::Error| self.library("walk the history", &error);
            let mut walk = git.revwalk().map_err(failed)?;
            walk.set_sorting(git2::Sort::TIME).map_err(failed)?;
            for refs in ["refs/heads/*", "refs/paracle/*"] {
                walk.push_glob(refs).map_err(failed)?;
            }
            walk.take(most)
                .map(|id| id.map(|id| ObjectId(id).to_commit()).map_err(failed))
                .collect()
        })?;
        ids.iter().map(|id| self.commit(id)).collect()
    }

    /// Reads the commits that lead from one to another, each the first parent of the next; the oldest first, without the first.
    pub fn commits_after(
        &self,
        base: &CommitId,
        tip: &CommitId,
    ) -> Result<Vec<CommitInfo>, GitError> {
        let ids = self.first_parents(base, tip)?;
        ids.iter().map(|id| self.commit(id)).collect()
    }

    /// Counts the same commits.
    pub fn count_after(&self, base: &CommitId, tip: &CommitId) -> Result<usize, GitError> {
        Ok(self.first_parents(base, tip)?.len())
    }

    fn first_parents(&self, base: &CommitId, tip: &CommitId) -> Result<Vec<CommitId>, GitError> {
        self.with(|git| {
            let failed = |error: git2::Error| self.library("walk the history", &error);
            let mut walk = git.revwalk().map_err(failed)?;
            walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)
                .map_err(failed)?;
            walk.simplify_first_parent().map_err(failed)?;
            walk.push(oid(tip)).map_err(failed)?;
            walk.hide(oid(base)).map_err(failed)?;
            walk.map(|id| id.map(|id| ObjectId(id).to_commit()).map_err(failed))
                .collect()
        })
    }

    /// Resolves a branch, a tag or a commit's id to a commit.
    pub fn resolve(&self, name: &str) -> Result<CommitId, GitError> {
        let none = || GitError::NoSuchCommit {
            path: self.git_dir().to_owned(),
            name: name.to_owned(),
        };
        self.with(|git| {
            // Only names and ids: the rest of git's revision language has no place in a setting.
            let is_id =
                name.len() >= SHORTEST_ID && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            let found = match git.resolve_reference_from_short_name(name) {
                _ if name.is_empty() => None,
                Ok(reference) => reference
                    .resolve()
                    .ok()
                    .and_then(|reference| reference.target()),
                Err(_) if is_id => git
                    .find_object_by_prefix(name, None)
                    .ok()
                    .map(|object| object.id()),
                Err(_) => None,
            };
            let id = found.ok_or_else(none)?;
            let commit = git
                .find_object(id, None)
                .and_then(|object| object.peel_to_commit())
                .map_err(|_| none())?;
            Ok(ObjectId(commit.id()).to_commit())
        })
    }

    /// Reads HEAD: its commit, and the branch that it is on unless it is detached.
    pub fn head(&self) -> Result<(CommitId, Option<BranchName>), GitError> {
        self.with(|git| {
            let head = match git.head() {
                Ok(head) => head,
                Err(error)
                    if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) =>
                {
                    let branch = git
                        .find_reference("HEAD")
                        .ok()
                        .and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned))
                        .unwrap_or_else(|| "HEAD".to_owned());
                    return Err(GitError::Unborn {
                        path: self.workdir().unwrap_or(self.git_dir()).to_owned(),
                        branch: branch.trim_start_matches("refs/heads/").to_owned(),
                    });
                }
                Err(error) => return Err(self.library("read HEAD", &error)),
            };
            let commit = head
                .peel_to_commit()
                .map_err(|error| self.library("read HEAD's commit", &error))?;
            let branch = head
                .name()
                .ok()
                .and_then(|name| name.strip_prefix("refs/heads/"))
                .and_then(|name| name.parse().ok());
            Ok((ObjectId(commit.id()).to_commit(), branch))
        })
    }

    /// Makes a commit and stores it durably; no ref moves.
    pub fn make_commit(&self, new: &NewCommit<'_>) -> Result<CommitId, GitError> {
        let mut batch = Batch::default();
        let id = self.add_commit(&mut batch, new)?;
        self.store(&batch)?;
        Ok(id)
    }

    /// Makes a commit that is stored with a batch, which may have its tree and its parents as well.
    pub fn add_commit(&self, batch: &mut Batch, new: &NewCommit<'_>) -> Result<CommitId, GitError> {
        let (author, committer) = self.signatures()?;
        let parents = new.parents.iter();
        let parents: Vec<String> = parents.map(|parent| format!("parent {parent}\n")).collect();
        let text = format!(
            "tree {}\n{}author {author}\ncommitter {committer}\n\n{}",
            new.tree,
            parents.concat(),
            message(new)
        );
        let id = batch.add(ObjectKind::Commit, Arc::new(text.into_bytes()))?;
        Ok(id.to_commit())
    }

    /// Returns who is the author of a commit, and who the committer, as a commit says it.
    fn signatures(&self) -> Result<(String, String), GitError> {
        self.with(|git| {
            let failed = |error: git2::Error| self.library("make a commit", &error);
            let committer = host().map_err(failed)?;
            // A snapshot: libgit2 frees what it never set where a file of a live configuration can no longer be read.
            let settings = git
                .config()
                .and_then(|mut config| config.snapshot())
                .map_err(|error| self.library("read git's settings", &error).or_shut_out());
            let author = match settings {
                Err(error @ GitError::Settings { .. }) => return Err(error),
                // Who has no identity configured is no reason to fail.
                Err(_) => committer.clone(),
                Ok(settings) => identity(&settings).unwrap_or_else(|_| committer.clone()),
            };
            Ok((signed(&author), signed(&committer)))
        })
    }

    /// Stores a commit that is written already; no ref moves.
    pub(super) fn store_commit(&self, bytes: Vec<u8>) -> Result<CommitId, GitError> {
        let mut batch = Batch::default();
        let id = batch.add(ObjectKind::Commit, Arc::new(bytes))?;
        self.store(&batch)?;
        Ok(id.to_commit())
    }

    /// Tells whether a commit is another's ancestor, or that commit itself.
    pub fn is_ancestor(
        &self,
        ancestor: &CommitId,
        descendant: &CommitId,
    ) -> Result<bool, GitError> {
        if ancestor == descendant {
            return Ok(true);
        }
        self.with(|git| {
            git.graph_descendant_of(oid(descendant), oid(ancestor))
                .map_err(|error| self.library("compare two histories", &error))
        })
    }

    /// Stores a small blob.
    pub fn store_blob(&self, bytes: Vec<u8>) -> Result<ObjectId, GitError> {
        let mut batch = Batch::default();
        let id = batch.blob(Arc::new(bytes))?;
        self.store(&batch)?;
        Ok(id.object())
    }
}

/// Returns who commits, now.
pub(super) fn host() -> Result<Signature<'static>, git2::Error> {
    Signature::now(COMMITTER.0, COMMITTER.1)
}

/// Returns who the person is by git's settings.
fn identity(settings: &git2::Config) -> Result<Signature<'static>, git2::Error> {
    Signature::now(
        settings.get_str("user.name")?,
        settings.get_str("user.email")?,
    )
}

/// Writes who did something and when, in one line.
fn signed(who: &Signature<'_>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(char::is_control, " ");
    let (name, address) = (text(who.name_bytes()), text(who.email_bytes()));
    let when = who.when();
    let offset = when.offset_minutes().unsigned_abs();
    let (seconds, sign) = (when.seconds(), when.sign());
    let (hours, minutes) = (offset / 60, offset % 60);
    format!("{name} <{address}> {seconds} {sign}{hours:02}{minutes:02}")
}

/// Joins message and trailers; a trailer's value is one line, and no NUL gets through.
fn message(new: &NewCommit<'_>) -> String {
    let mut text = new.message.replace('\0', " ").trim_end().to_owned();
    text.push('\n');
    if !new.trailers.is_empty() {
        text.push('\n');
    }
    for (key, value) in new.trailers {
        text.push_str(key);
        text.push_str(": ");
        text.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.push('\n');
    }
    text
}
