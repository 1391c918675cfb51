//! The line of a merge that a person asks for: which execution, by which strategy, past which checks.

use std::path::Path;
use std::sync::Arc;

use super::checks::Checks;
use super::members::Benches;
use super::stages::blocking;
use super::{CallError, Host, HostError};
use crate::config::{ConfigError, Settings};
use crate::execution::{
    Completed, Ending, ExecutionError, Executions, MergeOrder, MergeOutcome, Part, Share,
    Workbench, complete_everywhere, merge_everywhere,
};
use crate::git::{GitError, Repo};
use crate::model::{
    BranchName, CommitId, ExecutionId, ExecutionRecord, MemberName, Members, MergeCheck,
    MergeStrategy,
};

/// Why a merge could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The execution, or its repository, failed.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// There is no repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The configuration of one of several repositories cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The plugins that check it cannot be opened.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The host itself failed.
    #[error(transparent)]
    Inside(CallError),
}

impl From<CallError> for MergeError {
    fn from(error: CallError) -> Self {
        // No call was made.
        match error {
            CallError::Execution(error) => Self::Execution(error),
            CallError::Workspace(error) => Self::Git(error),
            other => Self::Inside(other),
        }
    }
}

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

/// What merges in one repository.
struct Here {
    settings: Settings,
    executions: Executions,
    /// Runs the checks that are tools; none where there are none.
    host: Option<Arc<Host>>,
}

/// Merges an execution because a person says so: of several repositories in all, or in none.
pub async fn merge(
    settings: Settings,
    wish: MergeWish,
) -> Result<Members<MergeOutcome>, MergeError> {
    let executions = Executions::new(Repo::discover(&settings.directory)?);
    let id = executions.id_to_merge(&wish.name)?;
    let parts = executions.everywhere(&id)?;
    let mut places = Vec::new();
    for (name, part) in parts.iter() {
        let settings = match name.and_then(|name| place_of(&part.record, name)) {
            None => settings.clone(),
            Some(folder) => settings.of_folder(folder)?,
        };
        let host = if merges_need_a_host(&settings) {
            Some(Host::open(settings.clone()).await?)
        } else {
            None
        };
        places.push(Here {
            settings,
            executions: part.executions.clone(),
            host,
        });
    }
    let hosts: Vec<_> = places.iter().filter_map(|here| here.host.clone()).collect();
    let merged = merge_parts(id, parts, places, wish).await;
    for host in hosts {
        host.close().await;
    }
    Ok(merged?)
}

async fn merge_parts(
    id: ExecutionId,
    parts: Members<Part>,
    places: Vec<Here>,
    wish: MergeWish,
) -> Result<Members<MergeOutcome>, CallError> {
    let runtime = tokio::runtime::Handle::current();
    blocking(move || {
        let checks: Vec<_> = places
            .iter()
            .map(|here| Checks {
                settings: &here.settings,
                repo: here.executions.repo().clone(),
                execution: id.clone(),
                host: here.host.clone(),
                commands: true,
                runtime: runtime.clone(),
            })
            .collect();
        let passes: Vec<_> = checks
            .iter()
            .map(|checks| move |commit: &CommitId| checks.pass(commit))
            .collect();
        let order = |at: usize| MergeOrder {
            target: wish.target.as_ref(),
            strategy: wish.strategy.unwrap_or(places[at].settings.git.strategy),
            check: Some(&passes[at]),
        };
        Ok(match parts {
            Members::One(part) => Members::One(part.executions.merge_with(&id, order(0))?),
            Members::Several(parts) => {
                let shares = parts
                    .into_iter()
                    .enumerate()
                    .map(|(at, (name, part))| Share {
                        name,
                        part,
                        order: order(at),
                    });
                Members::Several(merge_everywhere(&id, shares.collect())?)
            }
        })
    })
    .await
}

/// Returns the folder of one of several repositories.
fn place_of<'a>(record: &'a ExecutionRecord, name: &MemberName) -> Option<&'a Path> {
    let member = record.members.iter().find(|member| member.name == *name);
    member.map(|member| member.path.as_path())
}

/// Tells whether merges need a host, because tools check them.
fn merges_need_a_host(settings: &Settings) -> bool {
    let tool = |check: &MergeCheck| matches!(check, MergeCheck::Tool { .. });
    settings.git.checks.iter().any(tool)
}

impl Host {
    /// Completes an execution, with a merge that a person asked for, or that is configured.
    pub(super) async fn end_execution(
        self: &Arc<Self>,
        benches: Arc<Benches>,
        id: &ExecutionId,
        success: bool,
        asked: bool,
    ) -> Result<Option<Members<Completed>>, CallError> {
        let checkers = if success {
            self.checkers(asked).await?
        } else {
            Vec::new()
        };
        let (host, id) = (self.clone(), id.clone());
        let runtime = tokio::runtime::Handle::current();
        let own = checkers.clone();
        let completed = blocking(move || {
            let checks = |settings, bench: &Workbench, host| Checks {
                settings,
                repo: bench.executions().repo().clone(),
                execution: id.clone(),
                host,
                commands: false,
                runtime: runtime.clone(),
            };
            match &*benches {
                Members::One(bench) => {
                    let checks = checks(&host.settings, bench, Some(host.clone()));
                    let pass = |commit: &CommitId| checks.pass(commit);
                    let ending = Ending {
                        asked,
                        check: Some(&pass),
                    };
                    Ok(bench.complete(&id, success, &ending)?.map(Members::One))
                }
                Members::Several(several) => {
                    let checks: Vec<_> = several
                        .iter()
                        .zip(&host.settings.members)
                        .enumerate()
                        .map(|(at, ((_, bench), member))| {
                            let host = checkers.get(at).cloned().flatten();
                            checks(&member.settings, bench, host)
                        })
                        .collect();
                    let passes: Vec<_> = checks
                        .iter()
                        .map(|checks| move |commit: &CommitId| checks.pass(commit))
                        .collect();
                    let endings: Vec<_> = passes
                        .iter()
                        .map(|pass| Ending {
                            asked,
                            check: Some(pass),
                        })
                        .collect();
                    let completed = complete_everywhere(several, &id, success, &endings)?;
                    Ok(completed.map(Members::Several))
                }
            }
        })
        .await;
        for host in own.into_iter().flatten() {
            host.close().await;
        }
        completed
    }

    /// Opens a host for each of several repositories whose merges tools check: each checks with its own plugins, as if it were
    /// merged alone.
    async fn checkers(self: &Arc<Self>, asked: bool) -> Result<Vec<Option<Arc<Self>>>, CallError> {
        let mut checkers = Vec::new();
        for member in &self.settings.members {
            let settings = &member.settings;
            let merges = asked || settings.git.auto_merge;
            checkers.push(if merges && merges_need_a_host(settings) {
                let opened = Box::pin(Self::open_behind(settings.clone(), self.wall.clone()));
                Some(opened.await.map_err(|error| CallError::Inside {
                    reason: error.to_string(),
                })?)
            } else {
                None
            });
        }
        Ok(checkers)
    }
}
