//! `git merge`.

use std::path::Path;

use paracle_host::execution::{MergeOutcome, OpenConflict};
use paracle_host::flow::{self, MergeWish};
use paracle_host::model::{BranchName, ExecutionId, Member, MemberName, Members, MergeStrategy};
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::hints;
use crate::output;
use crate::strategy::strategy_values;
use crate::threads;

/// Merges an execution's branch; a checkout with uncommitted changes, or a conflict, leaves everything as it is
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What both sides changed is kept with the execution: `execution conflicts` lists it, and `execution resolve`, or a tool that
writes the files, decides it. `checks:` of .parac/config/git.yaml run first.

An execution of several repositories merges in all of them, by the configuration of each, or in none.

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
        let wish = MergeWish {
            name: self.branch.clone(),
            target: self.target.clone(),
            strategy: self.strategy,
        };
        threads::run(async move {
            match flow::merge(settings, wish).await? {
                Members::One(outcome) => self.show(context, &outcome),
                Members::Several(outcomes) => self.show_several(context, &outcomes),
            }
        })
    }

    /// Shows what became of each of several repositories.
    fn show_several(
        &self,
        context: &Context,
        outcomes: &[(MemberName, MergeOutcome)],
    ) -> Result<(), Failure> {
        let executions = context.executions()?;
        let id = executions.id_to_merge(&self.branch)?;
        let members = executions.show(&id)?.record.members;
        let failure = none_merged(&id, &members, outcomes);
        if context.json {
            let each = Members::Several(outcomes.to_vec());
            output::json(&json!({ "outcome": overall(outcomes), "repositories": each }))?;
        } else {
            for (name, outcome) in outcomes {
                match outcome {
                    MergeOutcome::Merged { commit, target } => {
                        output::say(&format!("merged {id} into {target} of {name} as {commit}"))?;
                    }
                    MergeOutcome::UpToDate { target } => {
                        output::say(&format!("{target} of {name} has all of {id} already"))?;
                    }
                    MergeOutcome::Conflict { conflicts, .. } => {
                        output::say(&format!("in {name}:\n{}", listed(conflicts)))?;
                    }
                    // The failure says why.
                    MergeOutcome::ReadyToMerge { .. }
                    | MergeOutcome::HalfMerged { .. }
                    | MergeOutcome::Refused { .. } => {}
                }
            }
        }
        if failure.is_none() {
            self.tell_kept(context)?;
        }
        failure.map_or(Ok(()), |failure| Err(failure.told()))
    }

    fn show(&self, context: &Context, outcome: &MergeOutcome) -> Result<(), Failure> {
        let id = context.executions()?.id_to_merge(&self.branch)?;
        let failure = unmerged(&id, outcome);
        if context.json {
            output::json(outcome)?;
        } else {
            match outcome {
                MergeOutcome::Merged { commit, target } => {
                    output::say(&format!("merged {} into {target} as {commit}", self.branch))?;
                }
                MergeOutcome::UpToDate { target } => {
                    output::say(&format!("{target} has all of {} already", self.branch))?;
                }
                MergeOutcome::Conflict { conflicts, .. } => {
                    output::say(&listed(conflicts))?;
                }
                // The failure says why.
                MergeOutcome::ReadyToMerge { .. }
                | MergeOutcome::HalfMerged { .. }
                | MergeOutcome::Refused { .. } => {}
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

/// Lists conflicts, a line each.
fn listed(conflicts: &[OpenConflict]) -> String {
    let lines: Vec<String> = conflicts
        .iter()
        .map(|one| format!("{:<16} {}", one.conflict.kind.name(), one.conflict.path))
        .collect();
    lines.join("\n")
}

/// Says why a merge is not done; none if it is.
pub(crate) fn unmerged(id: &ExecutionId, outcome: &MergeOutcome) -> Option<Failure> {
    let why = why_not(id, None, outcome)?;
    Some(Failure::conflict(match outcome {
        MergeOutcome::ReadyToMerge { .. } => format!("ready to merge, and not merged: {why}"),
        _ => format!("not merged{why}"),
    }))
}

/// Says why an execution of several repositories is merged in none of them, or not in all.
pub(crate) fn none_merged(
    id: &ExecutionId,
    members: &[Member],
    outcomes: &[(MemberName, MergeOutcome)],
) -> Option<Failure> {
    let words: Vec<_> = outcomes
        .iter()
        .filter_map(|(name, outcome)| {
            let folder = members.iter().find(|member| member.name == *name);
            let why = why_not(id, folder.map(|member| &*member.path), outcome)?;
            Some(match outcome {
                MergeOutcome::ReadyToMerge {
                    waits_for: Some(_), ..
                } => format!("{name} could move"),
                MergeOutcome::ReadyToMerge { .. } => format!("{name} cannot: {why}"),
                MergeOutcome::HalfMerged { .. } => format!("{name} alone is merged{why}"),
                _ => format!("{name} is not merged{why}"),
            })
        })
        .collect();
    if words.is_empty() {
        return None;
    }
    let words = words.join("; ");
    Some(Failure::conflict(match overall(outcomes) {
        "half-merged" => format!(
            "execution {id} is half merged: {words}; `paracle-host git merge {id}` goes on with it"
        ),
        _ => format!("not merged in any repository: {words}"),
    }))
}

/// Says in a word how a merge of several repositories ended.
fn overall(outcomes: &[(MemberName, MergeOutcome)]) -> &'static str {
    let any = |is: fn(&MergeOutcome) -> bool| outcomes.iter().any(|(_, outcome)| is(outcome));
    if any(|one| matches!(one, MergeOutcome::HalfMerged { .. })) {
        "half-merged"
    } else if any(|one| matches!(one, MergeOutcome::Conflict { .. })) {
        "conflict"
    } else if any(|one| matches!(one, MergeOutcome::Refused { .. })) {
        "refused"
    } else if any(|one| matches!(one, MergeOutcome::ReadyToMerge { .. })) {
        "ready-to-merge"
    } else if any(|one| matches!(one, MergeOutcome::Merged { .. })) {
        "merged"
    } else {
        "up-to-date"
    }
}

/// Says what keeps a target from having an execution; none if it has.
fn why_not(id: &ExecutionId, folder: Option<&Path>, outcome: &MergeOutcome) -> Option<String> {
    match outcome {
        MergeOutcome::Merged { .. } | MergeOutcome::UpToDate { .. } => None,
        MergeOutcome::ReadyToMerge { why, .. } => Some(why.clone()),
        MergeOutcome::Conflict { paths, target, .. } => Some(format!(
            ", because {target} and the execution do not fit in {}; nothing was touched: decide each by `paracle-host \
             execution resolve {id} PATH --ours{}`, `--theirs` or `--file FILE`, or discard the execution",
            paths.join(", "),
            folder.map_or_else(String::new, |folder| format!(" {}", hints::to(folder)))
        )),
        MergeOutcome::HalfMerged {
            commit,
            target,
            why,
        } => Some(format!(
            ": {target} has it as {commit}, and could not be moved back: {why}"
        )),
        MergeOutcome::Refused { why } => Some(format!(": {why}")),
    }
}
