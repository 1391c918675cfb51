//! An execution of several repositories where it changed nothing: its state is there and no branch, so that its id leads from each
//! repository to all, and is taken in each.

use std::sync::{Arc, PoisonError};

use super::settle::Workbench;
use super::start::Beginning;
use super::{Base, ExecutionError, Executions};
use crate::git::{Batch, Moved, RefMove, RefName};
use crate::model::{CommitId, ExecutionId, ExecutionRecord, ExecutionStatus};

/// How often a state that others change too is tried again.
const TRIES: usize = 50;

impl Workbench {
    /// Sees to it that this one of several repositories knows an execution before another one is changed. `at` is what the call
    /// saw here.
    pub(super) fn begin_unchanged(
        &self,
        id: &ExecutionId,
        at: &CommitId,
    ) -> Result<(), ExecutionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(id) {
            return Ok(());
        }
        match self.executions.record(id) {
            Ok(record) => {
                self.executions.check_members(&record)?;
                match record.status {
                    ExecutionStatus::Active | ExecutionStatus::Kept => Ok(()),
                    status @ (ExecutionStatus::Merged | ExecutionStatus::Discarded) => {
                        Err(ExecutionError::Settled {
                            id: id.clone(),
                            status,
                        })
                    }
                }
            }
            Err(ExecutionError::Unknown { .. }) => {
                let base = Base {
                    commit: at.clone(),
                    ..self.base(id)?
                };
                let begun = self.executions.start_on(id, &base, None, Beginning::State);
                open.insert(id.clone(), Arc::new(begun?.0));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl Executions {
    /// Sees to it that an execution's branch is there; its base is pinned by its record.
    pub(super) fn hold(&self, record: ExecutionRecord) -> Result<ExecutionRecord, ExecutionError> {
        let id = &record.id;
        let branch = RefName::branch(&record.branch);
        if !record.unchanged {
            if self.repo.read_ref(&branch)?.is_none() {
                let base = Some(&record.base_commit);
                let _: Moved = self.repo.move_commit_ref(&branch, None, base)?;
            }
            return Ok(record);
        }
        for _ in 0..TRIES {
            let Some((old, mut now)) = self.read_record(id)? else {
                return Err(ExecutionError::Unknown { id: id.to_string() });
            };
            if !now.unchanged {
                return Ok(now);
            }
            // Before there is anything to lose.
            self.say(id, true)?;
            now.unchanged = false;
            let mut objects = Batch::default();
            let state = self.add_record(&mut objects, Some(old), &now)?;
            let there = self.repo.read_commit_ref(&branch)?;
            let there = RefMove::to_commit(branch.clone(), there.as_ref(), &now.base_commit);
            if self.repo.store_and_move(&objects, &[state, there])? == Moved::Yes {
                return Ok(now);
            }
        }
        Err(ExecutionError::Running { id: id.clone() })
    }

    /// Says why there is no branch to work with.
    pub(super) fn no_branch(record: &ExecutionRecord) -> ExecutionError {
        let id = record.id.clone();
        if record.unchanged {
            let members = super::members::listed(&record.members);
            ExecutionError::Unchanged { id, members }
        } else {
            let branch = record.branch.clone();
            ExecutionError::NoBranch { id, branch }
        }
    }

    /// Notes that an execution which changed nothing here was merged in the other repositories.
    pub(super) fn note_merged_elsewhere(
        &self,
        record: &ExecutionRecord,
    ) -> Result<(), ExecutionError> {
        match record.status {
            ExecutionStatus::Merged => Ok(()),
            ExecutionStatus::Active | ExecutionStatus::Kept | ExecutionStatus::Discarded => {
                self.settle(&record.id, ExecutionStatus::Merged)?;
                Ok(())
            }
        }
    }
}
