//! `execution list`.

use paracle_host::execution::Damaged;
use paracle_host::model::{ExecutionInfo, ExecutionStatus, MergeWaits};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Lists the executions of this repository, whichever process began them, the oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
`in conflict` and `ready to merge` are executions whose merge was tried: `execution conflicts` lists what is to be decided, and
`git merge` tries again. Changes apart are those of calls that did not fit onto the branch: `execution show` names them.

Example:
  paracle-host execution list --json")]
pub(crate) struct List {}

/// One that is listed.
#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
enum Listed {
    Whole(Box<ExecutionInfo>),
    Damaged(Damaged),
}

impl List {
    pub(super) fn run(context: &Context) -> Result<(), Failure> {
        let (executions, damaged) = context.executions()?.look()?;
        if context.json {
            let whole = executions.into_iter().map(Box::new).map(Listed::Whole);
            let all = whole.chain(damaged.into_iter().map(Listed::Damaged));
            return output::json(&all.collect::<Vec<_>>());
        }
        for one in &damaged {
            output::text(&format!("{}  damaged: {}", one.id, one.reason))?;
        }
        if executions.is_empty() && !damaged.is_empty() {
            return Ok(());
        }
        if executions.is_empty() {
            return output::text("no execution has changed anything here yet");
        }
        for info in &executions {
            if let Some(told) = &info.half_merged {
                output::tell(&format!("{} is half merged: {told}", info.record.id));
            }
        }
        let rows = executions.into_iter().map(|info| {
            [
                info.record.id.to_string(),
                standing(&info),
                info.commit_count.to_string(),
                info.record
                    .base_branch
                    .map(|base| base.to_string())
                    .unwrap_or_default(),
                info.record.created_at,
                if info.branch_exists {
                    info.record.branch.to_string()
                } else if info.record.unchanged {
                    "(nothing changed here)".to_owned()
                } else {
                    "(gone)".to_owned()
                },
            ]
        });
        output::text(&output::table(
            [
                "EXECUTION",
                "STATUS",
                "COMMITS",
                "BASE",
                "CREATED",
                "BRANCH",
            ],
            rows,
        ))
    }
}

/// Says where an execution stands, with what it waits for.
pub(super) fn standing(info: &ExecutionInfo) -> String {
    let word = match info.merge_waits {
        _ if info.half_merged.is_some() => "half merged",
        Some(MergeWaits::InConflict) => "in conflict",
        Some(MergeWaits::ReadyToMerge) => "ready to merge",
        None => status(info.record.status, info.running),
    };
    match info.conflicts.len() {
        0 => word.to_owned(),
        1 => format!("{word}, 1 change apart"),
        more => format!("{word}, {more} changes apart"),
    }
}

/// Says where an execution stands, in a word.
pub(crate) const fn status(status: ExecutionStatus, running: bool) -> &'static str {
    match (status, running) {
        (ExecutionStatus::Active, true) => "running",
        (ExecutionStatus::Active, false) => "interrupted",
        (ExecutionStatus::Merged, _) => "merged",
        (ExecutionStatus::Kept, _) => "kept",
        (ExecutionStatus::Discarded, _) => "discarded",
    }
}
