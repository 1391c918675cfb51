//! Executions of workflows: begun, gone on with, and a commit for each step.

use std::sync::Arc;

use super::stages::blocking;
use super::{CallError, Host};
use crate::execution::{Checkpoint, DoneStep};
use crate::model::{CommitId, ExecutionId, ExecutionRecord, PlanRecord};

/// What became of a step that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepLanded {
    /// It is this commit.
    Committed(CommitId),
    /// A step beside it changed the same lines, and was first.
    Conflict {
        /// The paths.
        paths: Vec<String>,
    },
}

/// A trailer of a step's commit: what is done, and what it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The commit.
    pub commit: CommitId,
    /// What its trailers say, in the order of the keys that were asked for.
    pub values: Vec<Option<String>>,
}

impl Host {
    /// Begins the execution of a workflow.
    pub async fn begin_plan(
        self: &Arc<Self>,
        id: &ExecutionId,
        plan: PlanRecord,
    ) -> Result<ExecutionRecord, CallError> {
        let (bench, id) = (self.workbench()?, id.clone());
        blocking(move || Ok(bench.begin_plan(&id, &plan)?)).await
    }

    /// Opens the execution of a workflow again.
    pub async fn resume_plan(
        self: &Arc<Self>,
        id: &ExecutionId,
    ) -> Result<ExecutionRecord, CallError> {
        let (bench, id) = (self.workbench()?, id.clone());
        blocking(move || Ok(bench.resume_plan(&id)?)).await
    }

    /// Has a step begin, in an execution of its own; returns the commit that it begins with.
    pub async fn begin_step(
        self: &Arc<Self>,
        of: &ExecutionId,
        own: &ExecutionId,
    ) -> Result<CommitId, CallError> {
        let (bench, of, own) = (self.workbench()?, of.clone(), own.clone());
        blocking(move || Ok(bench.begin_step(&of, &own)?)).await
    }

    /// Commits what a step did to its workflow's branch.
    pub async fn land_step(self: &Arc<Self>, step: DoneStep) -> Result<StepLanded, CallError> {
        let bench = self.workbench()?;
        self.forget_execution(&step.own);
        blocking(move || {
            Ok(match bench.land_step(&step)? {
                Checkpoint::Committed { commit, .. } | Checkpoint::Unchanged(commit) => {
                    StepLanded::Committed(commit)
                }
                Checkpoint::Conflict { paths, .. } => StepLanded::Conflict { paths },
            })
        })
        .await
    }

    /// Forgets what a step did that failed.
    pub async fn end_step(self: &Arc<Self>, own: &ExecutionId) -> Result<(), CallError> {
        let (bench, id) = (self.workbench()?, own.clone());
        self.forget_execution(own);
        blocking(move || Ok(bench.end_step(&id)?)).await
    }

    /// Lists what the commits of a workflow's execution say under some keys, the oldest first.
    pub async fn steps_done(
        self: &Arc<Self>,
        id: &ExecutionId,
        keys: &'static [&'static str],
    ) -> Result<Vec<StepRecord>, CallError> {
        let (bench, id) = (self.workbench()?, id.clone());
        blocking(move || {
            let found = bench.executions().trailers(&id, keys)?;
            Ok(found
                .into_iter()
                .map(|(commit, values)| StepRecord { commit, values })
                .collect())
        })
        .await
    }
}
