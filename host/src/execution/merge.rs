//! Merging an execution's branch into another.

use serde::Serialize;

use super::lock::Lock;
use super::start::parse_branch;
use super::{ExecutionError, Executions, OpenConflict};
use crate::git::{Advance, GitError, Merge, RefName};
use crate::model::{
    BranchName, CommitId, ExecutionId, ExecutionRecord, ExecutionStatus, MergeStrategy,
};

/// How often a target that others move too is tried again.
const TRIES: usize = 200;

/// How a merge ended; in every case but the first two, the branch is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum MergeOutcome {
    /// The target has the changes.
    Merged {
        /// The merge commit; the newest commit, where the strategy makes none.
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
    /// Both sides changed the same lines, or one removed what the other changed. It is stored with the execution.
    Conflict {
        /// The paths that wait for a decision.
        paths: Vec<String>,
        /// The target.
        target: BranchName,
        /// The same with kind and sides.
        conflicts: Vec<OpenConflict>,
    },
    /// It was not tried.
    Refused {
        /// Why not, and what to do.
        why: String,
    },
}

/// What has to pass on a merged commit before the target moves to it; else says why it does not move.
pub type Check<'a> = dyn Fn(&CommitId) -> Result<(), String> + 'a;

/// How a merge is wanted.
#[derive(Clone, Copy, Default)]
pub struct MergeOrder<'a> {
    /// The branch to merge into; without one, the one that the execution started from.
    pub target: Option<&'a BranchName>,
    /// What it leaves there.
    pub strategy: MergeStrategy,
    /// What has to pass.
    pub check: Option<&'a Check<'a>>,
}

impl Executions {
    /// Merges an execution's branch into its base branch, or into another; not while a process has it open.
    pub fn merge(
        &self,
        id: &ExecutionId,
        target: Option<&BranchName>,
    ) -> Result<MergeOutcome, ExecutionError> {
        self.merge_with(
            id,
            MergeOrder {
                target,
                ..MergeOrder::default()
            },
        )
    }

    /// Merges as it is wanted; not while a process has the execution open.
    pub fn merge_with(
        &self,
        id: &ExecutionId,
        order: MergeOrder<'_>,
    ) -> Result<MergeOutcome, ExecutionError> {
        self.record(id)?;
        let Some(_lock) = Lock::take(&self.repo, id)? else {
            return Ok(MergeOutcome::Refused {
                why: ExecutionError::Running { id: id.clone() }.to_string(),
            });
        };
        // Read under the lock: it may have gone on since.
        self.merge_record(&self.record(id)?, order)
    }

    /// Returns the execution that a branch, or an id, names; a branch that is not the execution's own any more is refused.
    pub fn id_to_merge(&self, name: &BranchName) -> Result<ExecutionId, ExecutionError> {
        if let Ok(id) = name.as_str().parse::<ExecutionId>()
            && self.read_record(&id)?.is_some()
        {
            return Ok(id);
        }
        let id = self.id_of_branch(name)?;
        let record = self.record(&id)?;
        if record.branch == *name {
            Ok(id)
        } else {
            Err(ExecutionError::OlderBranch {
                branch: name.clone(),
                id,
                newest: record.branch,
            })
        }
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
        order: MergeOrder<'_>,
    ) -> Result<MergeOutcome, ExecutionError> {
        let id = &record.id;
        if record.status == ExecutionStatus::Discarded {
            return Ok(MergeOutcome::Refused {
                why: format!("execution {id} was discarded"),
            });
        }
        let target = order
            .target
            .or(record.base_branch.as_ref())
            .ok_or_else(|| ExecutionError::NoTarget { id: id.clone() })?;
        let outcome = self.merge_into(record, target, order)?;
        let commit = match &outcome {
            MergeOutcome::Merged { commit, .. } => Some(commit.clone()),
            MergeOutcome::UpToDate { .. } => None,
            MergeOutcome::ReadyToMerge { .. } => {
                let tip = self.tip_of(record)?;
                self.update_record(id, |record| record.ready_tip = Some(tip.clone()))?;
                return Ok(outcome);
            }
            MergeOutcome::Conflict { .. } | MergeOutcome::Refused { .. } => return Ok(outcome),
        };
        if record.status != ExecutionStatus::Merged {
            let now = self.now().to_string();
            let tip = self.tip_of(record)?;
            let rewritten = match &commit {
                Some(commit) => !self.repo.is_ancestor(&tip, commit)?,
                None => false,
            };
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
            self.forget_conflict(id)?;
        }
        Ok(outcome)
    }

    fn merge_into(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        order: MergeOrder<'_>,
    ) -> Result<MergeOutcome, ExecutionError> {
        let name = RefName::branch(target);
        let refused = |why: String| Ok(MergeOutcome::Refused { why });
        let mut passed = None;
        for _ in 0..TRIES {
            let tip = self.tip_of(record)?;
            let Some(old) = self.repo.read_commit_ref(&name)? else {
                let none = GitError::NoSuchCommit {
                    path: self.repo.git_dir().to_owned(),
                    name: target.to_string(),
                };
                return Err(none.into());
            };
            if self.repo.is_ancestor(&tip, &old)? || self.has_rewritten(record, &tip, &old)? {
                return Ok(MergeOutcome::UpToDate {
                    target: target.clone(),
                });
            }
            let apart = self.is_apart(record, &old)?;
            let merged = if apart {
                // Both sides have the uncommitted work for their base, so that only what the execution did counts.
                self.repo.merge_on(&record.base_commit, &old, &tip)
            } else {
                self.repo.merge(&old, &tip)
            };
            let tree = match merged {
                Ok(Merge::Clean(tree)) => tree,
                Ok(Merge::Conflict(conflicted)) if apart => {
                    return refused(Self::unfit(record, target, &conflicted.paths()));
                }
                Ok(Merge::Conflict(conflicted)) => {
                    match self.keep_conflict(record, target, [&old, &tip], *conflicted)? {
                        Some(outcome) => return Ok(outcome),
                        // All was decided before: the branch has it now.
                        None => continue,
                    }
                }
                Err(error @ GitError::Unrelated { .. }) => return refused(error.to_string()),
                Err(error) => return Err(error.into()),
            };
            let commit = match self.landing(record, target, [&old, &tip], tree, order.strategy)? {
                Ok(commit) => commit,
                Err(why) => return refused(why),
            };
            if commit == old {
                return Ok(MergeOutcome::UpToDate {
                    target: target.clone(),
                });
            }
            // `git gc` must not take it before the target has it.
            self.pin(&record.id, "merge", Some(&commit))?;
            let tree = self.repo.commit(&commit)?.tree;
            if let Some(check) = order.check.filter(|_| passed != Some(tree)) {
                if let Err(why) = check(&commit) {
                    self.pin(&record.id, "merge", None)?;
                    return refused(why);
                }
                passed = Some(tree);
            }
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
