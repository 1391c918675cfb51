//! What callers ask of their own executions: where one stands, what it changed, and giving it up.

use std::sync::Arc;

use super::stages::blocking;
use super::{CallError, Host};
use crate::execution::{ExecutionError, Executions, MergeOutcome};
use crate::model::{Edit, ExecutionId, ExecutionInfo, ExecutionLog, ExecutionRecord, Members};

/// What an execution, or one checkpoint of it, changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The paths.
    pub edits: Vec<Edit>,
    /// The lines.
    pub patch: String,
    /// Whether lines are missing at the end.
    pub cut: bool,
}

/// What became of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeTold {
    /// Whether the changes are on the target.
    pub merged: bool,
    /// One sentence.
    pub told: String,
}

impl MergeTold {
    const fn no(told: String) -> Self {
        Self {
            merged: false,
            told,
        }
    }
}

impl Host {
    /// Says where an execution stands; none if it changed nothing.
    pub async fn execution_info(
        self: &Arc<Self>,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionInfo>, CallError> {
        self.of_execution(id, Executions::show).await
    }

    /// Lists what an execution's calls committed; none if it changed nothing.
    pub async fn execution_log(
        self: &Arc<Self>,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionLog>, CallError> {
        self.of_execution(id, Executions::log).await
    }

    /// Compares an execution with what it began with, or one checkpoint of it with the one before; the patch has at most about
    /// `limit` bytes. None if it changed nothing.
    pub async fn execution_diff(
        self: &Arc<Self>,
        id: &ExecutionId,
        checkpoint: Option<String>,
        limit: usize,
    ) -> Result<Option<Difference>, CallError> {
        let diff = self
            .of_execution(id, move |executions, id| match &checkpoint {
                None => executions.diff(id, limit),
                Some(checkpoint) => executions.diff_of_checkpoint(id, checkpoint, limit),
            })
            .await?;
        Ok(diff.map(|diff| Difference {
            edits: diff.edits,
            patch: diff.patch.text,
            cut: diff.patch.cut,
        }))
    }

    /// Gives an execution up, whether this process has it open or not; none if it changed nothing.
    pub async fn discard_execution(
        self: &Arc<Self>,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionRecord>, CallError> {
        let (benches, id) = (self.benches()?, id.clone());
        blocking(move || {
            let mut given_up = None;
            for (_, bench) in benches.iter() {
                given_up = given_up.or(known(bench.discard(&id))?);
            }
            Ok(given_up)
        })
        .await
    }

    /// Ends an execution with a merge that its caller asked for: not into a branch that only a person's own word merges to. None
    /// if it changed nothing.
    pub async fn merge_execution(
        self: &Arc<Self>,
        id: &ExecutionId,
    ) -> Result<Option<MergeTold>, CallError> {
        let Some(info) = self.execution_info(id).await? else {
            return Ok(None);
        };
        if !self.settings().members.is_empty() {
            return Ok(Some(MergeTold::no(format!(
                "it works in several repositories, so a person merges it with `paracle-host git merge {id}`"
            ))));
        }
        let git = &self.settings().git;
        let target = info.record.base_branch.as_ref();
        let target = target.or(git.base_branch.as_ref());
        let protected = target.and_then(|target| Some((target, git.protects(target)?)));
        if let Some((target, pattern)) = protected {
            return Ok(Some(MergeTold::no(format!(
                "{target} is protected by {pattern}, so a person merges it with `paracle-host git merge {id}`"
            ))));
        }
        let (bench, kept) = (self.workbench()?, id.clone());
        // One that its caller left for long, or whose merge was refused before, was completed without it.
        blocking(move || Ok(bench.open_kept(&kept)?)).await?;
        let completed = self.complete(id, true, true).await?;
        let merge = completed.and_then(|completed| match completed {
            Members::One(completed) => completed.merge,
            Members::Several(_) => None,
        });
        Ok(Some(match merge {
            Some(MergeOutcome::Merged { commit, target }) => MergeTold {
                merged: true,
                told: format!("merged into {target} as {commit}"),
            },
            Some(MergeOutcome::UpToDate { target }) => MergeTold {
                merged: true,
                told: format!("{target} had the changes already"),
            },
            Some(MergeOutcome::ReadyToMerge { why, .. } | MergeOutcome::Refused { why }) => {
                MergeTold::no(why)
            }
            Some(MergeOutcome::Conflict { paths, target, .. }) => MergeTold::no(format!(
                "it conflicts with {target} in {}; a person decides with `paracle-host execution resolve {id}`",
                paths.join(", ")
            )),
            Some(MergeOutcome::HalfMerged { why, .. }) => MergeTold::no(why),
            None => MergeTold::no(format!(
                "there is nothing to merge: `paracle-host execution show {id}` tells where it stands"
            )),
        }))
    }

    async fn of_execution<T: Send + 'static>(
        self: &Arc<Self>,
        id: &ExecutionId,
        ask: impl FnOnce(&Executions, &ExecutionId) -> Result<T, ExecutionError> + Send + 'static,
    ) -> Result<Option<T>, CallError> {
        let (executions, id) = (self.executions()?, id.clone());
        blocking(move || known(ask(&executions, &id))).await
    }
}

/// An execution that no call of wrote anything is not stored.
fn known<T>(asked: Result<T, ExecutionError>) -> Result<Option<T>, CallError> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(ExecutionError::Unknown { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
