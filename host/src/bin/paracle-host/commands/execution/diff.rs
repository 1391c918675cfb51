//! `execution diff`.

use paracle_host::git::LineCount;
use paracle_host::model::ExecutionId;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Nobody reads a longer patch; `git diff` shows all of it.
const LONGEST: usize = 16 << 20;

/// Shows what an execution changed since its base, as a patch
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  paracle-host execution diff 01M840Y8CXD1AYKJK8RJJCMVGR\n  paracle-host execution diff 01M840Y8CXD1AYKJK8RJJCMVGR --stat\n  paracle-host execution diff 01M840Y8CXD1AYKJK8RJJCMVGR --checkpoint 2"
)]
pub(crate) struct Diff {
    /// The execution
    pub(super) id: ExecutionId,
    /// Only the paths, each with A, M or D for added, modified or deleted, and how many lines are new and gone
    #[arg(long, conflicts_with = "patch")]
    stat: bool,
    /// The lines themselves, which is the default
    #[arg(long)]
    patch: bool,
    /// Only what one checkpoint changed: a number or a commit of `execution log`
    #[arg(long, value_name = "CHECKPOINT")]
    checkpoint: Option<String>,
}

impl Diff {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        let diff = match &self.checkpoint {
            None => executions.diff(&self.id, LONGEST)?,
            Some(checkpoint) => executions.diff_of_checkpoint(&self.id, checkpoint, LONGEST)?,
        };
        if context.json {
            let lines: Vec<_> = diff.lines.iter().map(lines).collect();
            return output::json(&if self.stat {
                json!({ "changed": diff.edits, "lines": lines })
            } else {
                json!({ "changed": diff.edits, "lines": lines, "patch": diff.patch.text, "cut": diff.patch.cut })
            });
        }
        if self.stat {
            let rows: Vec<String> = diff
                .edits
                .iter()
                .map(|edit| {
                    let count = diff.lines.iter().find(|count| count.path == edit.path);
                    match count.map(|count| count.lines) {
                        None => output::changed(edit),
                        Some(None) => format!("{} (binary)", output::changed(edit)),
                        Some(Some((added, removed))) => {
                            format!("{} +{added} -{removed}", output::changed(edit))
                        }
                    }
                })
                .collect();
            return output::text(&rows.join("\n"));
        }
        output::text(&diff.patch.text)?;
        if diff.patch.cut {
            output::tell("the patch is longer than this, and was cut: `git diff` shows all of it");
        }
        Ok(())
    }
}

fn lines(count: &LineCount) -> serde_json::Value {
    json!({
        "path": count.path,
        "added": count.lines.map(|(added, _)| added),
        "removed": count.lines.map(|(_, removed)| removed),
    })
}
