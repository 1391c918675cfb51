//! The end of an execution: merged, kept for review, or given up.

use serde::Serialize;

use super::{Check, Execution, ExecutionError, Executions, MergeOrder, MergeOutcome};
use crate::git::{Batch, Moved, RefMove, RefName};
use crate::model::{
    BranchName, BranchPattern, CommitId, ExecutionId, ExecutionRecord, ExecutionSettings,
    ExecutionStatus,
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

impl Completed {
    /// An execution that waits for a person.
    pub(super) const fn kept(record: ExecutionRecord, held_back: Option<HeldBack>) -> Self {
        Self {
            record: Some(record),
            merge: None,
            branch_deleted: false,
            held_back,
        }
    }
}

/// The check where there should be some and nobody gave any.
fn refuse(_: &CommitId) -> Result<(), String> {
    Err("its checks cannot be run here: merge it with `paracle-host git merge`".to_owned())
}

impl<'a> Ending<'a> {
    /// Returns how an execution is to be merged at its end.
    pub(super) fn order(
        &self,
        record: &'a ExecutionRecord,
        settings: &'a ExecutionSettings,
    ) -> MergeOrder<'a> {
        MergeOrder {
            // Where it started from, whatever the settings say: they may have changed, or not have been asked.
            target: record
                .base_branch
                .as_ref()
                .or(settings.base_branch.as_ref()),
            strategy: settings.strategy,
            check: match self.check {
                None if settings.checks.is_empty() => None,
                None => Some(&refuse),
                check => check,
            },
        }
    }
}

impl Ending<'_> {
    /// Tells whether a merge is to be tried: asked for, or configured. Where it is configured and the target is protected, says so.
    pub(super) fn merges(
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
        if self.is_untouched(settings)? {
            return self.vanish();
        }
        let merges = if success {
            ending.merges(&self.record, settings)
        } else {
            Ok(false)
        };
        if merges != Ok(true) {
            let record = executions.settle(&id, ExecutionStatus::Kept)?;
            return Ok(Completed::kept(record, merges.err()));
        }
        let record = executions.record(&id)?;
        let order = ending.order(&record, settings);
        let merge = executions.merge_record(&record, order);
        let kept = match &merge {
            Ok(MergeOutcome::Merged { .. } | MergeOutcome::UpToDate { .. }) => false,
            // Whatever happened there, the branch is kept and nothing looks interrupted.
            Ok(
                MergeOutcome::ReadyToMerge { .. }
                | MergeOutcome::Conflict { .. }
                | MergeOutcome::HalfMerged { .. }
                | MergeOutcome::Refused { .. },
            )
            | Err(_) => true,
        };
        if kept {
            executions.settle(&id, ExecutionStatus::Kept)?;
        }
        executions.completed(&id, merge?, settings)
    }

    /// Tells whether nothing of it is to be kept.
    pub(super) fn is_untouched(
        &self,
        settings: &ExecutionSettings,
    ) -> Result<bool, ExecutionError> {
        let (executions, id) = (&self.executions, &self.record.id);
        Ok(self.tip()? == self.record.base_commit
            && executions.conflict_refs(id)?.is_empty()
            && executions.left_refs(id)?.is_empty()
            && (settings.auto_cleanup || executions.record(id)?.unchanged))
    }

    /// Removes one that did nothing.
    pub(super) fn vanish(self) -> Result<Completed, ExecutionError> {
        self.executions.forget(&self.record)?;
        self.lock.remove();
        Ok(Completed {
            record: None,
            merge: None,
            branch_deleted: true,
            held_back: None,
        })
    }

    /// Gives it up: see [`Executions::discard`].
    pub fn discard(self) -> Result<ExecutionRecord, ExecutionError> {
        self.executions.discard_record(&self.record)
    }
}

impl Executions {
    /// Says how an execution stands after its merge, whose branch goes with it where that is configured.
    pub(super) fn completed(
        &self,
        id: &ExecutionId,
        merge: MergeOutcome,
        settings: &ExecutionSettings,
    ) -> Result<Completed, ExecutionError> {
        let record = self.record(id)?;
        let branch_deleted = match (&merge, settings.auto_cleanup) {
            (MergeOutcome::Merged { target, .. } | MergeOutcome::UpToDate { target }, true) => {
                self.delete_merged_branch(&record, target)?
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

    /// Gives an execution up, in all its repositories: its branch goes, its newest commit stays under a ref until a cleanup
    /// finds it old enough.
    pub fn discard(&self, id: &ExecutionId) -> Result<ExecutionRecord, ExecutionError> {
        let (parts, _locks) = self.everywhere(id)?.lock(id)?;
        parts.check_whole(id)?;
        for (_, part) in parts.iter() {
            part.executions.check_discardable(&part.record)?;
        }
        for (_, part) in parts.iter() {
            part.executions.discard_record(&part.record)?;
        }
        self.record(id)
    }

    /// Refuses to give up what is merged, or checked out.
    fn check_discardable(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        if record.status == ExecutionStatus::Merged {
            return Err(ExecutionError::Settled {
                id: record.id.clone(),
                status: record.status,
            });
        }
        let branch = RefName::branch(&record.branch);
        let there = self.repo.read_commit_ref(&branch)?.is_some();
        if there && let Some(checkout) = self.repo.checkout_of(&record.branch)? {
            return Err(ExecutionError::CheckedOut {
                branch: record.branch.clone(),
                why: format!(
                    "remove that checkout with `git worktree remove {0}`, or switch {0} to another branch first",
                    checkout.path.display()
                ),
                kept: branch.to_string(),
            });
        }
        Ok(())
    }

    fn discard_record(&self, record: &ExecutionRecord) -> Result<ExecutionRecord, ExecutionError> {
        self.check_discardable(record)?;
        let branch = RefName::branch(&record.branch);
        if let Some(tip) = self.repo.read_commit_ref(&branch)? {
            let settled = self.give_up(record, &tip)?;
            // If somebody else moved it at this instant, it stays, and the next cleanup sees it.
            let _: Moved = self.repo.move_commit_ref(&branch, Some(&tip), None)?;
            return Ok(settled);
        }
        self.settle(&record.id, ExecutionStatus::Discarded)
    }

    /// Notes that an execution was given up, and keeps its newest commit: one write for both.
    fn give_up(
        &self,
        record: &ExecutionRecord,
        tip: &CommitId,
    ) -> Result<ExecutionRecord, ExecutionError> {
        let kept = RefName::execution(&record.id, "discarded");
        let old = self.repo.read_commit_ref(&kept)?;
        let kept = RefMove::to_commit(kept, old.as_ref(), tip);
        if let Some((state, mut record)) = self.read_record(&record.id)? {
            record.status = ExecutionStatus::Discarded;
            record.finished_at = Some(self.now().to_string());
            let mut objects = Batch::default();
            let state = self.add_record(&mut objects, Some(state), &record)?;
            if self.repo.store_and_move(&objects, &[kept.clone(), state])? == Moved::Yes {
                return Ok(record);
            }
        }
        // Somebody else changed its state at this instant.
        let _: Moved = self.repo.store_and_move(&Batch::default(), &[kept])?;
        self.settle(&record.id, ExecutionStatus::Discarded)
    }
}
