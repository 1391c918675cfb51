//! Merging an execution's branch into another.

use serde::Serialize;

use super::lock::Lock;
use super::start::parse_branch;
use super::{ExecutionError, Executions};
use crate::git::{Advance, GitError, Merge, NewCommit, RefName};
use crate::model::{BranchName, CommitId, ExecutionId, ExecutionRecord, ExecutionStatus};

/// How often a target that others move too is tried again.
const TRIES: usize = 200;

/// How a merge ended; in every case but the first two, the branch is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum MergeOutcome {
    /// The target has the changes.
    Merged {
        /// The merge commit.
        commit: CommitId,
        /// The target.
        target: BranchName,
    },
    /// The target had them already.
    UpToDate {
        /// The target.
        target: BranchName,
    },
    /// It would merge, but the target is checked out and cannot move there.
    ReadyToMerge {
        /// What stands in the way, and what to do.
        why: String,
        /// The merge commit, which the target can be fast-forwarded to.
        commit: CommitId,
    },
    /// Both sides changed the same lines, or one removed what the other changed.
    Conflict {
        /// The paths.
        paths: Vec<String>,
    },
    /// It was not tried.
    Refused {
        /// Why not, and what to do.
        why: String,
    },
}

impl Executions {
    /// Merges an execution's branch into its base branch, or into another; not while a process has it open.
    pub fn merge(
        &self,
        id: &ExecutionId,
        target: Option<&BranchName>,
    ) -> Result<MergeOutcome, ExecutionError> {
        let record = self.record(id)?;
        let Some(_lock) = Lock::take(&self.repo, id)? else {
            return Ok(MergeOutcome::Refused {
                why: ExecutionError::Running { id: id.clone() }.to_string(),
            });
        };
        self.merge_record(&record, target)
    }

    /// Merges the execution that a branch belongs to.
    pub fn merge_branch(
        &self,
        branch: &BranchName,
        target: Option<&BranchName>,
    ) -> Result<MergeOutcome, ExecutionError> {
        let id = self.id_of_branch(branch)?;
        let record = self.record(&id)?;
        if record.branch != *branch {
            return Ok(MergeOutcome::Refused {
                why: format!(
                    "{branch} is an older branch of execution {id}, whose branch is {}: merge that one",
                    record.branch
                ),
            });
        }
        self.merge(&id, target)
    }

    /// Returns the execution that a branch's name says.
    pub fn id_of_branch(&self, branch: &BranchName) -> Result<ExecutionId, ExecutionError> {
        match parse_branch(branch) {
            Some((id, _)) if self.read_record(&id)?.is_some() => Ok(id),
            _ => Err(ExecutionError::NotExecution {
                branch: branch.clone(),
            }),
        }
    }

    /// Merges for whoever holds the lock.
    pub(super) fn merge_record(
        &self,
        record: &ExecutionRecord,
        target: Option<&BranchName>,
    ) -> Result<MergeOutcome, ExecutionError> {
        let id = &record.id;
        if record.status == ExecutionStatus::Discarded {
            return Ok(MergeOutcome::Refused {
                why: format!("execution {id} was discarded"),
            });
        }
        let target = target
            .or(record.base_branch.as_ref())
            .ok_or_else(|| ExecutionError::NoTarget { id: id.clone() })?;
        let tip = self.tip_of(record)?;
        let outcome = self.merge_commit(record, &tip, target)?;
        if let MergeOutcome::Merged { .. } | MergeOutcome::UpToDate { .. } = &outcome
            && record.status != ExecutionStatus::Merged
        {
            let now = self.now().to_string();
            let commit = match &outcome {
                MergeOutcome::Merged { commit, .. } => Some(commit.clone()),
                _ => None,
            };
            let rewritten = record.uncommitted_on.is_some() && commit.is_some();
            if rewritten {
                // The target has other commits: its own are kept until a cleanup.
                self.pin(id, "merged", Some(&tip))?;
            }
            self.update_record(id, |record| {
                record.status = ExecutionStatus::Merged;
                record.finished_at = Some(now.clone());
                record.merged_to = Some(target.clone());
                record.merge_commit.clone_from(&commit);
                record.merged_tip = rewritten.then(|| tip.clone());
            })?;
            self.pin(id, "merge", None)?;
        }
        Ok(outcome)
    }

    fn merge_commit(
        &self,
        record: &ExecutionRecord,
        tip: &CommitId,
        target: &BranchName,
    ) -> Result<MergeOutcome, ExecutionError> {
        let name = RefName::branch(target);
        let trailers = [("Paracle-Execution".to_owned(), record.id.to_string())];
        let message = format!("Merge execution {} into {target}", record.id);
        for _ in 0..TRIES {
            let Some(old) = self.repo.read_commit_ref(&name)? else {
                let none = GitError::NoSuchCommit {
                    path: self.repo.git_dir().to_owned(),
                    name: target.to_string(),
                };
                return Err(none.into());
            };
            if self.repo.is_ancestor(tip, &old)? || self.has_rewritten(record, tip, &old)? {
                return Ok(MergeOutcome::UpToDate {
                    target: target.clone(),
                });
            }
            let apart = self.is_apart(record, &old)?;
            let ours = if apart {
                self.onto_uncommitted(record, &old)?
            } else {
                old.clone()
            };
            let tree = match self.repo.merge(&ours, tip) {
                Ok(Merge::Clean(tree)) => tree,
                Ok(Merge::Conflict(paths)) => {
                    if apart {
                        self.pin(&record.id, "merge", None)?;
                    }
                    return Ok(MergeOutcome::Conflict { paths });
                }
                Err(error @ GitError::Unrelated { .. }) => {
                    return Ok(MergeOutcome::Refused {
                        why: error.to_string(),
                    });
                }
                Err(error) => return Err(error.into()),
            };
            let both = [old.clone(), tip.clone()];
            let commit = self.repo.make_commit(&NewCommit {
                tree,
                // With the branch for a parent, the person's uncommitted work would be in the target's history.
                parents: if apart { &both[..1] } else { &both },
                message: &message,
                trailers: &trailers,
            })?;
            // `git gc` must not take it before the target has it.
            self.pin(&record.id, "merge", Some(&commit))?;
            match self.repo.advance_branch(
                target,
                &old,
                &commit,
                &format!("merge {}: by paracle-host", record.branch),
            )? {
                Advance::Done => {
                    return Ok(MergeOutcome::Merged {
                        commit,
                        target: target.clone(),
                    });
                }
                Advance::Elsewhere => {}
                Advance::Refused(why) => return Ok(MergeOutcome::ReadyToMerge { why, commit }),
            }
        }
        Err(ExecutionError::Crowded {
            branch: target.clone(),
        })
    }

    /// Tells whether a branch has all of an execution as other commits.
    pub(super) fn has_rewritten(
        &self,
        record: &ExecutionRecord,
        tip: &CommitId,
        target: &CommitId,
    ) -> Result<bool, ExecutionError> {
        match (&record.merged_tip, &record.merge_commit) {
            (Some(merged), Some(commit)) if merged == tip => {
                Ok(self.repo.is_ancestor(commit, target)?)
            }
            _ => Ok(false),
        }
    }

    /// Holds a commit under a ref of the execution's own, or lets go of it. Only the holder of the lock does.
    pub(super) fn pin(
        &self,
        id: &ExecutionId,
        leaf: &str,
        commit: Option<&CommitId>,
    ) -> Result<(), ExecutionError> {
        let name = RefName::execution(id, leaf);
        let old = self.repo.read_commit_ref(&name)?;
        let _: crate::git::Moved = self.repo.move_commit_ref(&name, old.as_ref(), commit)?;
        Ok(())
    }
}
