//! Merging an execution's branch into another.

use serde::Serialize;

use super::lock::Lock;
use super::start::parse_branch;
use super::{ExecutionError, Executions, OpenConflict};
use crate::git::{Advance, Batch, GitError, Merge, Moved, RefMove, RefName, TreeId};
use crate::model::{
    BranchName, CommitId, ExecutionId, ExecutionRecord, ExecutionStatus, MergeStrategy,
};

/// How often a target that others move too is tried again.
pub(super) const TRIES: usize = 200;

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
        /// The other repositories that stand in the way, where nothing does here.
        #[serde(skip_serializing_if = "Option::is_none")]
        waits_for: Option<String>,
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
    /// The target moved, those of other repositories of the execution did not, and it could not be moved back.
    HalfMerged {
        /// The merge commit.
        commit: CommitId,
        /// The target.
        target: BranchName,
        /// Why it did not move back.
        why: String,
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

/// A target that is to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) old: CommitId,
    pub(super) new: CommitId,
}

/// How far a merge is before its target moves.
pub(super) enum Prepared {
    /// The target can move; what is to be noted then, where that could be made before.
    Move(Move, Option<RefMove>),
    /// It does not.
    Ends(MergeOutcome),
    /// The execution's own branch moved: all of it is to be done again.
    Again,
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
        let (outcome, noted) = self.merge_into(record, target, order)?;
        match &outcome {
            MergeOutcome::Merged { commit, .. } => {
                self.note_merged(record, target, Some(commit), noted)?;
            }
            MergeOutcome::UpToDate { .. } => self.note_merged(record, target, None, noted)?,
            MergeOutcome::ReadyToMerge { .. } => self.note_ready(record)?,
            MergeOutcome::Conflict { .. }
            | MergeOutcome::HalfMerged { .. }
            | MergeOutcome::Refused { .. } => {}
        }
        Ok(outcome)
    }

    fn merge_into(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        order: MergeOrder<'_>,
    ) -> Result<(MergeOutcome, Option<RefMove>), ExecutionError> {
        let mut passed = None;
        for _ in 0..TRIES {
            let (Move { old, new }, noted) =
                match self.prepare(record, target, order, (&mut passed, false))? {
                    Prepared::Move(prepared, noted) => (prepared, noted),
                    Prepared::Ends(outcome) => return Ok((outcome, None)),
                    Prepared::Again => continue,
                };
            match self
                .repo
                .advance_branch(target, &old, &new, &reflog(record))?
            {
                Advance::Done => {
                    let (commit, target) = (new, target.clone());
                    return Ok((MergeOutcome::Merged { commit, target }, noted));
                }
                Advance::Elsewhere => {}
                Advance::Refused(why) => {
                    // `git gc` must not take it before a person moves the target.
                    self.pin(&record.id, "merge", Some(&new))?;
                    let (commit, waits_for) = (new, None);
                    let ready = MergeOutcome::ReadyToMerge {
                        why,
                        commit,
                        waits_for,
                    };
                    return Ok((ready, None));
                }
            }
        }
        Err(ExecutionError::Crowded {
            branch: target.clone(),
        })
    }

    /// Makes the commit that a target is to move to, and lets the checks pass on it, but for a tree that did already. It is pinned
    /// where that is said, or where it may take long.
    pub(super) fn prepare(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        order: MergeOrder<'_>,
        (passed, pinned): (&mut Option<TreeId>, bool),
    ) -> Result<Prepared, ExecutionError> {
        let refused = |why: String| Ok(Prepared::Ends(MergeOutcome::Refused { why }));
        let up_to_date = || {
            Ok(Prepared::Ends(MergeOutcome::UpToDate {
                target: target.clone(),
            }))
        };
        let own = self.repo.read_ref(&RefName::branch(&record.branch))?;
        if own.is_none()
            && matches!(
                record.status,
                ExecutionStatus::Active | ExecutionStatus::Kept
            )
        {
            // Without it, all that is known of its work is where it began, which the target has.
            return Err(Self::no_branch(record));
        }
        let tip = self.tip_of(record)?;
        if tip == record.base_commit && !self.left_refs(&record.id)?.is_empty() {
            return refused(format!(
                "it was rewound to where it began, and there is nothing to merge: `paracle-host execution log {}` lists what it can go \
                 to again",
                record.id
            ));
        }
        let Some(old) = self.repo.read_commit_ref(&RefName::branch(target))? else {
            let none = GitError::NoSuchCommit {
                path: self.repo.git_dir().to_owned(),
                name: target.to_string(),
            };
            return Err(none.into());
        };
        if self.repo.is_ancestor(&tip, &old)? || self.has_rewritten(record, &tip, &old)? {
            return up_to_date();
        }
        let mut objects = Batch::default();
        let apart = self.is_apart(record, &old)?;
        let merged = if apart {
            // Both sides have the uncommitted work for their base, so that only what the execution did counts.
            self.repo.merge_on(&record.base_commit, &old, &tip)
        } else {
            self.repo.merge_with(&mut objects, &old, &tip)
        };
        let tree = match merged {
            Ok(Merge::Clean(tree)) => tree,
            Ok(Merge::Conflict(conflicted)) if apart => {
                return refused(Self::unfit(record, target, &conflicted.paths()));
            }
            Ok(Merge::Conflict(conflicted)) => {
                return Ok(
                    match self.keep_conflict(
                        record,
                        (target, order.strategy),
                        [&old, &tip],
                        *conflicted,
                    )? {
                        Some(outcome) => Prepared::Ends(outcome),
                        // All was decided before: the branch has it now.
                        None => Prepared::Again,
                    },
                );
            }
            Err(error @ GitError::Unrelated { .. }) => return refused(error.to_string()),
            Err(error) => return Err(error.into()),
        };
        let merged = (tree, objects);
        let landing = match self.landing(record, target, [&old, &tip], merged, order.strategy)? {
            Ok(landing) => landing,
            Err(why) => return refused(why),
        };
        if landing.commit == old {
            return up_to_date();
        }
        let new = landing.commit.clone();
        let pinned = pinned || order.check.is_some() || !landing.joins;
        let noted = self.store_landing(record, target, landing, pinned)?;
        let tree = self.repo.commit(&new)?.tree;
        if let Some(check) = order.check.filter(|_| *passed != Some(tree)) {
            if let Err(why) = check(&new) {
                self.pin(&record.id, "merge", None)?;
                return refused(why);
            }
            *passed = Some(tree);
        }
        Ok(Prepared::Move(Move { old, new }, noted))
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
        let _: Moved = self.repo.move_commit_ref(&name, old.as_ref(), commit)?;
        Ok(())
    }
}

/// Says in a target's reflog why it moved.
pub(super) fn reflog(record: &ExecutionRecord) -> String {
    format!("merge {}: by paracle-host", record.branch)
}
