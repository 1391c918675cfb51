//! The end of an execution: merged, kept for review, or given up.

use serde::Serialize;

use super::lock::Lock;
use super::{Check, Execution, ExecutionError, Executions, MergeOrder, MergeOutcome};
use crate::git::{Moved, RefName};
use crate::model::{
    BranchName, BranchPattern, ExecutionId, ExecutionRecord, ExecutionSettings, ExecutionStatus,
};

/// How an execution was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Its last state; none if it had no commit, so that nothing is left of it.
    pub record: Option<ExecutionRecord>,
    /// How its merge ended, if one was tried.
    pub merge: Option<MergeOutcome>,
    /// Whether its branch was deleted, because the target has it.
    pub branch_deleted: bool,
    /// What kept a merge from being tried that is configured.
    pub held_back: Option<HeldBack>,
}

/// A merge that is configured, and that only a person's own word makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldBack {
    /// The branch that it would go to.
    pub target: BranchName,
    /// The pattern of `protect:` that covers it.
    pub protect: BranchPattern,
}

impl HeldBack {
    /// Says it to a person, with what merges the execution all the same.
    pub fn told(&self, id: &ExecutionId) -> String {
        format!(
            "not merged, though `auto_merge` is on: {} is protected (`protect: [{}]` in .parac/config/git.yaml); `paracle-host git \
             merge {id}` merges it",
            self.target, self.protect
        )
    }
}

/// How an execution is wanted to end, beside what is configured.
#[derive(Clone, Copy, Default)]
pub struct Ending<'a> {
    /// Whether a person asked for the merge themselves.
    pub asked: bool,
    /// What has to pass before the target moves; where checks are configured and this is missing, nothing is merged.
    pub check: Option<&'a Check<'a>>,
}

impl Ending<'_> {
    /// Tells whether a merge is to be tried: asked for, or configured. Where it is configured and the target is protected, says so.
    fn merges(
        &self,
        record: &ExecutionRecord,
        settings: &ExecutionSettings,
    ) -> Result<bool, HeldBack> {
        let target = record
            .base_branch
            .as_ref()
            .or(settings.base_branch.as_ref());
        let protected = target.and_then(|target| Some((target, settings.protects(target)?)));
        match protected {
            Some((target, pattern)) if settings.auto_merge && !self.asked => Err(HeldBack {
                target: target.clone(),
                protect: pattern.clone(),
            }),
            Some(_) | None => Ok(self.asked || settings.auto_merge),
        }
    }
}

impl Execution {
    /// Completes it: merges if that is asked for and it succeeded, or else keeps its branch for review.
    ///
    /// A failed execution is kept too: what it did may be just what a person wants to see.
    pub fn complete(
        self,
        success: bool,
        settings: &ExecutionSettings,
    ) -> Result<Completed, ExecutionError> {
        self.complete_with(success, settings, &Ending::default())
    }

    /// Completes it as [`complete`](Self::complete) does, by a person's own word or after checks.
    pub fn complete_with(
        self,
        success: bool,
        settings: &ExecutionSettings,
        ending: &Ending<'_>,
    ) -> Result<Completed, ExecutionError> {
        let executions = &self.executions;
        let id = self.record.id.clone();
        if self.tip()? == self.record.base_commit
            && executions.conflict_refs(&id)?.is_empty()
            && executions.left_refs(&id)?.is_empty()
            && settings.auto_cleanup
        {
            executions.forget(&self.record)?;
            self.lock.remove();
            return Ok(Completed {
                record: None,
                merge: None,
                branch_deleted: true,
                held_back: None,
            });
        }
        let merges = if success {
            ending.merges(&self.record, settings)
        } else {
            Ok(false)
        };
        if merges != Ok(true) {
            let record = executions.settle(&id, ExecutionStatus::Kept)?;
            return Ok(Completed {
                record: Some(record),
                merge: None,
                branch_deleted: false,
                held_back: merges.err(),
            });
        }
        // Settled before the merge is tried: whatever happens there, the branch is kept and nothing looks interrupted.
        let record = executions.settle(&id, ExecutionStatus::Kept)?;
        let refuse = |_: &crate::model::CommitId| {
            Err("its checks cannot be run here: merge it with `paracle-host git merge`".to_owned())
        };
        let order = MergeOrder {
            // Where it started from, whatever the settings say: they may have changed, or not have been asked.
            target: record
                .base_branch
                .as_ref()
                .or(settings.base_branch.as_ref()),
            strategy: settings.strategy,
            check: match ending.check {
                None if settings.checks.is_empty() => None,
                None => Some(&refuse),
                check => check,
            },
        };
        let merge = executions.merge_record(&record, order)?;
        let record = executions.record(&id)?;
        let branch_deleted = match (&merge, settings.auto_cleanup) {
            (MergeOutcome::Merged { target, .. } | MergeOutcome::UpToDate { target }, true) => {
                executions.delete_merged_branch(&record, target)?
            }
            _ => false,
        };
        Ok(Completed {
            record: Some(record),
            merge: Some(merge),
            branch_deleted,
            held_back: None,
        })
    }

    /// Gives it up: see [`Executions::discard`].
    pub fn discard(self) -> Result<ExecutionRecord, ExecutionError> {
        self.executions.discard_record(&self.record)
    }
}

impl Executions {
    /// Gives an execution up: its branch goes, its newest commit stays under a ref until a cleanup finds it old enough.
    pub fn discard(&self, id: &ExecutionId) -> Result<ExecutionRecord, ExecutionError> {
        self.record(id)?;
        let _lock = Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        self.discard_record(&self.record(id)?)
    }

    fn discard_record(&self, record: &ExecutionRecord) -> Result<ExecutionRecord, ExecutionError> {
        if record.status == ExecutionStatus::Merged {
            return Err(ExecutionError::Settled {
                id: record.id.clone(),
                status: record.status,
            });
        }
        let branch = RefName::branch(&record.branch);
        if let Some(tip) = self.repo.read_commit_ref(&branch)? {
            if let Some(checkout) = self.repo.checkout_of(&record.branch)? {
                return Err(ExecutionError::CheckedOut {
                    branch: record.branch.clone(),
                    why: format!(
                        "remove that checkout with `git worktree remove {0}`, or switch {0} to another branch first",
                        checkout.path.display()
                    ),
                    kept: branch.to_string(),
                });
            }
            let kept = RefName::execution(&record.id, "discarded");
            let old = self.repo.read_commit_ref(&kept)?;
            let _: Moved = self.repo.move_commit_ref(&kept, old.as_ref(), Some(&tip))?;
            let settled = self.settle(&record.id, ExecutionStatus::Discarded)?;
            // If somebody else moved it at this instant, it stays, and the next cleanup sees it.
            let _: Moved = self.repo.move_commit_ref(&branch, Some(&tip), None)?;
            return Ok(settled);
        }
        self.settle(&record.id, ExecutionStatus::Discarded)
    }
}
