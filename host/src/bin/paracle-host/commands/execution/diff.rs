//! `execution diff`.

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
    after_help = "Examples:\n  paracle-host execution diff 01M840Y8CXD1AYKJK8RJJCMVGR\n  paracle-host execution diff 01M840Y8CXD1AYKJK8RJJCMVGR --stat"
)]
pub(crate) struct Diff {
    /// The execution
    id: ExecutionId,
    /// Only the paths, each with A, M or D for added, modified or deleted
    #[arg(long)]
    stat: bool,
}

impl Diff {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let diff = context.executions()?.diff(&self.id, LONGEST)?;
        if context.json {
            return output::json(&if self.stat {
                json!({ "changed": diff.edits })
            } else {
                json!({ "changed": diff.edits, "patch": diff.patch.text, "cut": diff.patch.cut })
            });
        }
        if self.stat {
            let lines: Vec<String> = diff.edits.iter().map(output::changed).collect();
            return output::text(&lines.join("\n"));
        }
        output::text(&diff.patch.text)?;
        if diff.patch.cut {
            output::tell("the patch is longer than this, and was cut: `git diff` shows all of it");
        }
        Ok(())
    }
}
