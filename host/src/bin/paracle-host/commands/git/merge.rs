//! `git merge`.

use paracle_host::execution::MergeOutcome;
use paracle_host::model::{BranchName, ExecutionId};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Merges an execution's branch; a checkout with uncommitted changes, or a conflict, leaves everything as it is
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ends with 4 if the branch was not merged.

Example:
  paracle-host git merge exec/01M840Y8CXD1AYKJK8RJJCMVGR/20260101_120000 --target main")]
pub(crate) struct Merge {
    /// The branch, or its execution's id
    branch: BranchName,
    /// The branch to merge into [default: the one that the execution started from]
    #[arg(long, value_name = "BRANCH")]
    target: Option<BranchName>,
}

impl Merge {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        let outcome = match self.branch.as_str().parse::<ExecutionId>() {
            Ok(id) if executions.show(&id).is_ok() => {
                executions.merge(&id, self.target.as_ref())?
            }
            _ => executions.merge_branch(&self.branch, self.target.as_ref())?,
        };
        let failure = unmerged(&outcome);
        if context.json {
            output::json(&outcome)?;
        } else {
            match &outcome {
                MergeOutcome::Merged { commit, target } => {
                    output::text(&format!("merged {} into {target} as {commit}", self.branch))?;
                }
                MergeOutcome::UpToDate { target } => {
                    output::text(&format!("{target} has all of {} already", self.branch))?;
                }
                // The failure says why.
                MergeOutcome::ReadyToMerge { .. }
                | MergeOutcome::Conflict { .. }
                | MergeOutcome::Refused { .. } => {}
            }
        }
        failure.map_or(Ok(()), |failure| Err(failure.told()))
    }
}

/// Says why a merge is not done; none if it is.
pub(crate) fn unmerged(outcome: &MergeOutcome) -> Option<Failure> {
    match outcome {
        MergeOutcome::Merged { .. } | MergeOutcome::UpToDate { .. } => None,
        MergeOutcome::ReadyToMerge { why, .. } => Some(Failure::conflict(format!(
            "ready to merge, and not merged: {why}"
        ))),
        MergeOutcome::Conflict { paths } => Some(Failure::conflict(format!(
            "not merged, because both sides changed {}; nothing was touched: merge the branch by `git merge`, or discard the execution",
            paths.join(", ")
        ))),
        MergeOutcome::Refused { why } => Some(Failure::conflict(format!("not merged: {why}"))),
    }
}
