//! `execution show`.

use paracle_host::model::{ExecutionId, ExecutionRecord, ExecutionStatus, MergeWaits};

use super::list::standing;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows one execution: where it stands, its branch, its commits
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host execution show 01M840Y8CXD1AYKJK8RJJCMVGR")]
pub(crate) struct Show {
    /// The execution
    id: ExecutionId,
}

impl Show {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let info = context.executions()?.show(&self.id)?;
        if context.json {
            return output::json(&info);
        }
        let record = &info.record;
        let base = record
            .base_branch
            .as_ref()
            .map_or(record.branchless(), |base| base.as_str());
        let gone = match (info.branch_exists, record.unchanged) {
            (true, _) => "",
            (false, true) => " (not there: nothing is changed here)",
            (false, false) => " (gone)",
        };
        let mut lines = vec![
            format!("execution  {}", record.id),
            format!("status     {}", standing(&info)),
            format!("branch     {}{gone}", record.branch),
            format!("base       {} of {base}", record.base_commit),
            format!("tip        {} (commits: {})", info.tip, info.commit_count),
            format!("created    {}", record.created_at),
        ];
        lines.extend(
            record
                .finished_at
                .iter()
                .map(|at| format!("finished   {at}")),
        );
        if let Some(target) = &record.merged_to {
            let commit = record
                .merge_commit
                .as_ref()
                .map(|commit| format!(" as {commit}"))
                .unwrap_or_default();
            lines.push(format!("merged     into {target}{commit}"));
        }
        lines.extend(
            info.half_merged
                .iter()
                .map(|told| format!("half merged: {told}")),
        );
        lines.extend(
            record
                .members
                .iter()
                .map(|member| format!("repository {} at {}", member.name, member.path.display())),
        );
        lines.extend(record.uncommitted_on.iter().map(|on| {
            format!("began      with what was uncommitted on {on}, which a merge leaves out")
        }));
        lines.extend(info.conflicts.iter().map(|name| apart(record, name)));
        lines.extend(
            info.unresolved
                .iter()
                .map(|path| format!("unresolved {path}")),
        );
        lines.extend(info.merge_waits.map(|waits| waiting(record, waits)));
        output::say(&lines.join("\n"))
    }
}

/// Names the change of a call that did not fit, and what can become of it.
fn apart(record: &ExecutionRecord, kept: &str) -> String {
    let id = &record.id;
    let call = kept.rsplit('/').next().unwrap_or(kept);
    let take = match record.status {
        ExecutionStatus::Active | ExecutionStatus::Kept => {
            format!("paracle-host execution apply {id} {call}")
        }
        // Its branch takes nothing more.
        ExecutionStatus::Merged | ExecutionStatus::Discarded => format!("git cherry-pick {kept}"),
    };
    format!(
        "apart      the change of call {call} did not fit and is kept under {kept}: `{take}` takes it over, \
         `paracle-host execution discard {id} --call {call}` gives it up"
    )
}

fn waiting(record: &ExecutionRecord, waits: MergeWaits) -> String {
    let id = &record.id;
    match waits {
        MergeWaits::InConflict => {
            format!("next       `paracle-host execution conflicts {id}` says what is to be decided")
        }
        MergeWaits::ReadyToMerge => format!(
            "next       `paracle-host git merge {id}`, once the checkout of its target has nothing in the way"
        ),
    }
}
