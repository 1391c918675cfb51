//! `git merge`.

use paracle_host::execution::{MergeOutcome, OpenConflict};
use paracle_host::flow::{self, CallError, Host, MergeWish};
use paracle_host::model::{BranchName, MergeStrategy};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;
use crate::strategy::strategy_values;
use crate::threads;

/// Merges an execution's branch; a checkout with uncommitted changes, or a conflict, leaves everything as it is
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What both sides changed is kept with the execution: `execution conflicts` lists it, and `execution resolve`, or a tool that
writes the files, decides it. `checks:` of .parac/config/git.yaml run first.

Ends with 4 if the branch was not merged.

Examples:
  paracle-host git merge exec/01M840Y8CXD1AYKJK8RJJCMVGR/20260101_120000 --target main
  paracle-host git merge 01M840Y8CXD1AYKJK8RJJCMVGR --strategy squash")]
pub(crate) struct Merge {
    /// The branch, or its execution's id
    branch: BranchName,
    /// The branch to merge into [default: the one that the execution started from]
    #[arg(long, value_name = "BRANCH")]
    target: Option<BranchName>,
    /// merge: a merge commit; squash: one commit; rebase: its commits, put onto the target [default: `strategy:` in git.yaml]
    #[arg(long, value_name = "STRATEGY", hide_possible_values = true, value_parser = strategy_values())]
    strategy: Option<MergeStrategy>,
}

impl Merge {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let settings = context.settings()?;
        threads::run(async move {
            let host = if flow::merges_need_a_host(&settings) {
                Some(Host::open(settings.clone()).await?)
            } else {
                None
            };
            let wish = MergeWish {
                name: self.branch.clone(),
                target: self.target.clone(),
                strategy: self.strategy,
            };
            let merged = flow::merge(settings, host.clone(), wish).await;
            if let Some(host) = host {
                host.close().await;
            }
            self.show(context, &merged.map_err(plain)?)
        })
    }

    fn show(&self, context: &Context, outcome: &MergeOutcome) -> Result<(), Failure> {
        let failure = unmerged(outcome);
        if context.json {
            output::json(outcome)?;
        } else {
            match outcome {
                MergeOutcome::Merged { commit, target } => {
                    output::text(&format!("merged {} into {target} as {commit}", self.branch))?;
                }
                MergeOutcome::UpToDate { target } => {
                    output::text(&format!("{target} has all of {} already", self.branch))?;
                }
                MergeOutcome::Conflict { conflicts, .. } => {
                    output::text(&listed(conflicts))?;
                }
                // The failure says why.
                MergeOutcome::ReadyToMerge { .. } | MergeOutcome::Refused { .. } => {}
            }
        }
        if failure.is_none() {
            self.tell_kept(context)?;
        }
        failure.map_or(Ok(()), |failure| Err(failure.told()))
    }

    /// Says what calls of the execution changed and is not on its branch, so that no merge has it.
    fn tell_kept(&self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        let id = executions.id_to_merge(&self.branch)?;
        for kept in executions.show(&id)?.conflicts {
            output::tell(&format!(
                "the change of a call that did not fit onto the branch is not in it: `git cherry-pick {kept}` takes it over"
            ));
        }
        Ok(())
    }
}

/// Says what failed in the words of a command that works on executions: no call was made.
fn plain(error: CallError) -> Failure {
    match error {
        CallError::Execution(error) => error.into(),
        CallError::Workspace(error) => error.into(),
        other => other.into(),
    }
}

/// Lists conflicts, a line each.
fn listed(conflicts: &[OpenConflict]) -> String {
    let lines: Vec<String> = conflicts
        .iter()
        .map(|one| format!("{:<16} {}", one.conflict.kind.name(), one.conflict.path))
        .collect();
    lines.join("\n")
}

/// Says why a merge is not done; none if it is.
pub(crate) fn unmerged(outcome: &MergeOutcome) -> Option<Failure> {
    match outcome {
        MergeOutcome::Merged { .. } | MergeOutcome::UpToDate { .. } => None,
        MergeOutcome::ReadyToMerge { why, .. } => Some(Failure::conflict(format!(
            "ready to merge, and not merged: {why}"
        ))),
        MergeOutcome::Conflict { paths, target, .. } => Some(Failure::conflict(format!(
            "not merged, because {target} and the execution do not fit in {}; nothing was touched: decide each by `paracle-host \
             execution resolve ID PATH --ours`, `--theirs` or `--file FILE`, or discard the execution",
            paths.join(", ")
        ))),
        MergeOutcome::Refused { why } => Some(Failure::conflict(format!("not merged: {why}"))),
    }
}
