//! Steps of a workflow: each works in an execution of its own, and is one commit of the workflow's branch once it is done.
//!
//! That commit is the record of the step: what it gave stands in its message, so that whoever goes on after a crash reads
//! from the branch alone what is done. What a step did that is not done is forgotten.

use std::sync::{Arc, PoisonError};

use super::log::trailer;
use super::settle::Workbench;
use super::start::Beginning;
use super::{Base, Checkpoint, Execution, ExecutionError, Executions, NewCheckpoint, Started};
use crate::git::{Batch, Moved, RefName};
use crate::model::{CallId, CommitId, ExecutionId, ExecutionRecord, PlanRecord};

/// A commit, and what it says under the keys that were asked for.
pub type Said = (CommitId, Vec<Option<String>>);

/// A step that is done.
#[derive(Debug, Clone)]
pub struct DoneStep {
    /// The workflow's execution.
    pub of: ExecutionId,
    /// The step's own.
    pub own: ExecutionId,
    /// What it began with.
    pub base: CommitId,
    /// What names it where its changes do not fit.
    pub call: CallId,
    /// The commit's message, without trailers.
    pub message: String,
    /// Lines of `Key: value` at its end.
    pub trailers: Vec<(String, String)>,
}

impl Workbench {
    /// Begins an execution that runs a workflow: now, and not at its first write, so that its record says what it runs.
    pub fn begin_plan(
        &self,
        id: &ExecutionId,
        plan: &PlanRecord,
    ) -> Result<ExecutionRecord, ExecutionError> {
        if !self.settings.auto_commit {
            return Err(ExecutionError::StepsUncommitted);
        }
        if !self.executions.members.is_empty() {
            return Err(ExecutionError::PlanInSeveral);
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let execution = if let Some(execution) = open.remove(id) {
            // It began with the person's uncommitted work, and no call of it ran.
            let execution = Arc::try_unwrap(execution).map_err(|busy| {
                open.insert(id.clone(), busy);
                ExecutionError::Busy { id: id.clone() }
            })?;
            let record = self
                .executions
                .update_record(id, |record| record.plan = Some(plan.clone()))?;
            Execution {
                record,
                ..execution
            }
        } else {
            let base = self.base(id)?;
            let beginning = Beginning::Plan(plan);
            self.executions.start_on(id, &base, None, beginning)?.0
        };
        let record = execution.record.clone();
        open.insert(id.clone(), Arc::new(execution));
        Ok(record)
    }

    /// Opens the execution of a workflow again, and forgets what steps did that are not done.
    pub fn resume_plan(&self, id: &ExecutionId) -> Result<ExecutionRecord, ExecutionError> {
        self.open_kept(id)?;
        for step in self.executions.steps_of(id)? {
            self.executions.forget_step(&step)?;
        }
        self.executions.record(id)
    }

    /// Has a step's execution begin at the newest commit of its workflow's; nothing is written before its first write.
    pub fn begin_step(
        &self,
        of: &ExecutionId,
        own: &ExecutionId,
    ) -> Result<CommitId, ExecutionError> {
        let commit = self.executions.work(of)?;
        let base = Base {
            commit: commit.clone(),
            branch: None,
            detached: false,
            step_of: Some(of.clone()),
        };
        let started = Started {
            base,
            included: None,
        };
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.insert(own.clone(), started);
        Ok(commit)
    }

    /// Commits what a step did to its workflow's branch, merged with what steps beside it did, and forgets its own execution. A
    /// step that changed nothing is a commit, too.
    pub fn land_step(&self, step: &DoneStep) -> Result<Checkpoint, ExecutionError> {
        let repo = self.executions.repo();
        let tip = match self.executions.work(&step.own) {
            Ok(tip) => tip,
            Err(ExecutionError::Unknown { .. }) => step.base.clone(),
            Err(error) => return Err(error),
        };
        let execution = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.get(&step.of).cloned()
        };
        let Some(execution) = execution else {
            return Err(ExecutionError::Unknown {
                id: step.of.to_string(),
            });
        };
        let landed = execution.checkpoint(&NewCheckpoint {
            call: step.call,
            base: &step.base,
            tree: repo.commit(&tip)?.tree,
            objects: &Batch::default(),
            message: &step.message,
            trailers: &step.trailers,
            also_empty: true,
        })?;
        self.end_step(&step.own)?;
        Ok(landed)
    }

    /// Forgets the execution of a step that is done, or will not be.
    pub fn end_step(&self, own: &ExecutionId) -> Result<(), ExecutionError> {
        match self.close(own)? {
            None => Ok(()),
            Some(execution) => self.executions.erase(&execution.record),
        }
    }
}

impl Executions {
    /// Lists the executions of a workflow's steps that are still there.
    fn steps_of(&self, of: &ExecutionId) -> Result<Vec<ExecutionRecord>, ExecutionError> {
        let records = self.list()?.into_iter().map(|info| info.record);
        Ok(records
            .filter(|record| record.step_of.as_ref() == Some(of))
            .collect())
    }

    /// Forgets a step's execution, unless a process has it open.
    fn forget_step(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        let (_lock, record) = self.take(&record.id)?;
        self.erase(&record)
    }

    /// Removes an execution's branch and its state.
    fn erase(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        let branch = RefName::branch(&record.branch);
        if let Some(tip) = self.repo.read_commit_ref(&branch)?
            && self.repo.checkout_of(&record.branch)?.is_none()
        {
            let _: Moved = self.repo.move_commit_ref(&branch, Some(&tip), None)?;
        }
        self.forget(record)
    }

    /// Lists what the commits of an execution say under a key, the oldest first, each with its commit.
    pub fn trailers(&self, id: &ExecutionId, keys: &[&str]) -> Result<Vec<Said>, ExecutionError> {
        let record = self.record(id)?;
        let tip = self.tip(id)?;
        let commits = self.repo.commits_after(&record.base_commit, &tip)?;
        let mut found: Vec<_> = commits
            .into_iter()
            .map(|commit| {
                let values = keys.iter().map(|key| trailer(&commit.message, key));
                (commit.id, values.collect())
            })
            .collect();
        found.reverse();
        Ok(found)
    }
}
