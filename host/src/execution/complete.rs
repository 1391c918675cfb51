//! The end of an execution: merged, kept for review, or given up.

use super::lock::Lock;
use super::{Execution, ExecutionError, Executions, MergeOutcome};
use crate::git::{Moved, RefName};
use crate::model::{ExecutionId, ExecutionRecord, ExecutionSettings, ExecutionStatus};

/// How an execution was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Its last state; none if it had no commit, so that nothing is left of it.
    pub record: Option<ExecutionRecord>,
    /// How its merge ended, if one was tried.
    pub merge: Option<MergeOutcome>,
    /// Whether its branch was deleted, because the target has it.
    pub branch_deleted: bool,
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
            });
        }
        if !(success && settings.auto_merge) {
            let record = executions.settle(&id, ExecutionStatus::Kept)?;
            return Ok(Completed {
                record: Some(record),
                merge: None,
                branch_deleted: false,
            });
        }
        // Settled before the merge is tried: whatever happens there, the branch is kept and nothing looks interrupted.
        let record = executions.settle(&id, ExecutionStatus::Kept)?;
        // Where it started from, whatever the settings say: they may have changed, or not have been asked.
        let target = record
            .base_branch
            .as_ref()
            .or(settings.base_branch.as_ref());
        let merge = executions.merge_record(&record, target)?;
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
