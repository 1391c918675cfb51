//! The line of a merge that a person asks for: which execution, by which strategy, past which checks.

use std::sync::Arc;

use super::checks::Checks;
use super::stages::blocking;
use super::{CallError, Host};
use crate::config::Settings;
use crate::execution::{Completed, Ending, Executions, MergeOrder, MergeOutcome, Workbench};
use crate::git::Repo;
use crate::model::{BranchName, CommitId, ExecutionId, MergeCheck, MergeStrategy};

/// What a person wants merged.
#[derive(Debug, Clone)]
pub struct MergeWish {
    /// An execution's branch, or its id.
    pub name: BranchName,
    /// The branch to merge into; without one, the one that the execution started from.
    pub target: Option<BranchName>,
    /// What it leaves there; without one, what is configured.
    pub strategy: Option<MergeStrategy>,
}

/// Merges an execution because a person says so. Checks that are tools need a host.
pub async fn merge(
    settings: Settings,
    host: Option<Arc<Host>>,
    wish: MergeWish,
) -> Result<MergeOutcome, CallError> {
    let runtime = tokio::runtime::Handle::current();
    blocking(move || {
        let repo = Repo::discover(&settings.directory)?;
        let executions = Executions::new(repo.clone());
        let execution = executions.id_to_merge(&wish.name)?;
        let checks = Checks {
            settings: &settings,
            repo,
            execution: execution.clone(),
            host,
            commands: true,
            runtime,
        };
        let pass = |commit: &CommitId| checks.pass(commit);
        let order = MergeOrder {
            target: wish.target.as_ref(),
            strategy: wish.strategy.unwrap_or(settings.git.strategy),
            check: Some(&pass),
        };
        Ok(executions.merge_with(&execution, order)?)
    })
    .await
}

/// Tells whether merges need a host, because tools check them.
pub fn merges_need_a_host(settings: &Settings) -> bool {
    let tool = |check: &MergeCheck| matches!(check, MergeCheck::Tool { .. });
    settings.git.checks.iter().any(tool)
}

impl Host {
    /// Completes an execution, with a merge that a person asked for, or that is configured.
    pub(super) async fn end_execution(
        self: &Arc<Self>,
        workbench: Arc<Workbench>,
        id: &ExecutionId,
        success: bool,
        asked: bool,
    ) -> Result<Option<Completed>, CallError> {
        let (host, id) = (self.clone(), id.clone());
        let runtime = tokio::runtime::Handle::current();
        blocking(move || {
            let checks = Checks {
                settings: &host.settings,
                repo: workbench.executions().repo().clone(),
                execution: id.clone(),
                host: Some(host.clone()),
                commands: false,
                runtime,
            };
            let pass = |commit: &CommitId| checks.pass(commit);
            let ending = Ending {
                asked,
                check: Some(&pass),
            };
            Ok(workbench.complete(&id, success, &ending)?)
        })
        .await
    }
}
