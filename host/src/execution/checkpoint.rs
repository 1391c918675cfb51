//! Checkpoints: each call that wrote becomes a commit on the execution's branch.

use std::sync::PoisonError;

use super::{Execution, ExecutionError};
use crate::git::{Advance, Batch, GitError, Merge, NewCommit, Repo, TreeId};
use crate::model::{CallId, CommitId};

/// How often a branch that others move too is tried again.
const TRIES: usize = 100;

/// What a call leaves.
#[derive(Debug, Clone)]
pub struct NewCheckpoint<'a> {
    /// The call.
    pub call: CallId,
    /// The commit that the call's tree was opened at.
    pub base: &'a CommitId,
    /// The tree as the call left it.
    pub tree: TreeId,
    /// What of it is not stored yet.
    pub objects: &'a Batch,
    /// The commit's message, without trailers.
    pub message: &'a str,
    /// Lines of `Key: value` at its end.
    pub trailers: &'a [(String, String)],
    /// Whether it is a commit also where nothing changed, for what its message says.
    pub also_empty: bool,
}

impl NewCheckpoint<'_> {
    /// Adds the commit to what is to be stored with it.
    pub(super) fn commit_on(
        &self,
        repo: &Repo,
        objects: &mut Batch,
        parent: &CommitId,
    ) -> Result<CommitId, GitError> {
        repo.add_commit(
            objects,
            &NewCommit {
                tree: self.tree,
                parents: std::slice::from_ref(parent),
                message: self.message,
                trailers: self.trailers,
            },
        )
    }
}

/// What became of a call's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checkpoint {
    /// The branch has all of it already; the newest commit.
    Unchanged(CommitId),
    /// A commit was made.
    Committed {
        /// The commit.
        commit: CommitId,
        /// What it was committed on.
        before: CommitId,
        /// Its tree: the call's, or that merged with what came before it.
        tree: TreeId,
        /// Whether other calls had moved the branch meanwhile.
        merged: bool,
    },
    /// Another call changed the same lines meanwhile; the branch did not move, and nothing is lost.
    Conflict {
        /// The paths.
        paths: Vec<String>,
        /// A commit of the call's own tree on the call's own base.
        commit: CommitId,
        /// The ref that keeps it.
        kept: String,
    },
}

impl Execution {
    /// Commits what a call left, merged with what parallel calls left; durable when it returns.
    pub fn checkpoint(&self, new: &NewCheckpoint<'_>) -> Result<Checkpoint, ExecutionError> {
        let repo = &self.executions.repo;
        let before = repo.commit(new.base)?.tree;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if new.tree == before && !new.also_empty {
            return Ok(Checkpoint::Unchanged(self.tip()?));
        }
        let branch = &self.record.branch;
        let commit_on = |parent: &CommitId, tree| {
            repo.make_commit(&NewCommit {
                tree,
                parents: std::slice::from_ref(parent),
                message: new.message,
                trailers: new.trailers,
            })
        };
        // The call's own tree on its own base: what is committed if nobody moved, and what is merged or kept otherwise.
        let mut objects = new.objects.clone();
        let own = new.commit_on(repo, &mut objects, new.base)?;
        for _ in 0..TRIES {
            let tip = self.tip()?;
            let (commit, tree) = if tip == *new.base {
                (own.clone(), new.tree)
            } else {
                repo.store(&std::mem::take(&mut objects))?;
                match repo.merge(&tip, &own)? {
                    Merge::Clean(tree) if !new.also_empty && tree == repo.commit(&tip)?.tree => {
                        return Ok(Checkpoint::Unchanged(tip));
                    }
                    Merge::Clean(tree) => (commit_on(&tip, tree)?, tree),
                    Merge::Conflict(conflicted) => {
                        let kept = self.executions.keep(&self.record.id, new.call, &own)?;
                        return Ok(Checkpoint::Conflict {
                            paths: conflicted.paths(),
                            commit: own,
                            kept,
                        });
                    }
                }
            };
            match repo.advance_own_branch(&objects, branch, &tip, &commit)? {
                Advance::Done => {
                    return Ok(Checkpoint::Committed {
                        commit,
                        tree,
                        merged: tip != *new.base,
                        before: tip,
                    });
                }
                Advance::Elsewhere => {}
                Advance::Refused(why) => {
                    let kept = self.executions.keep(&self.record.id, new.call, &own)?;
                    return Err(ExecutionError::CheckedOut {
                        branch: branch.clone(),
                        why,
                        kept,
                    });
                }
            }
        }
        self.executions.keep(&self.record.id, new.call, &own)?;
        Err(ExecutionError::Crowded {
            branch: branch.clone(),
        })
    }
}
