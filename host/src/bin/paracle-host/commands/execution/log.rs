//! `execution log`.

use paracle_host::model::ExecutionId;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Lists an execution's checkpoints: each call's number, tool, time and commit, the oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host execution log 01M840Y8CXD1AYKJK8RJJCMVGR --json")]
pub(crate) struct Log {
    /// The execution
    pub(super) id: ExecutionId,
}

impl Log {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let log = context.executions()?.log(&self.id)?;
        if context.json {
            return output::json(&log);
        }
        if log.checkpoints.is_empty() {
            output::say(&format!("execution {} has no checkpoint", log.id))?;
        } else {
            let rows = log.checkpoints.into_iter().map(|checkpoint| {
                [
                    checkpoint.number.to_string(),
                    // Commits of a person's have no tool, and a first line instead.
                    checkpoint
                        .tool
                        .unwrap_or_else(|| format!("({})", checkpoint.subject)),
                    checkpoint.time,
                    checkpoint.changed.to_string(),
                    checkpoint.commit.to_string(),
                ]
            });
            output::say(&output::table(
                ["NUMBER", "TOOL", "TIME", "PATHS", "COMMIT"],
                rows,
            ))?;
        }
        for left in log.left {
            output::say(&format!(
                "{} rewound, kept under {} until `paracle-host git cleanup`",
                left.commit, left.kept
            ))?;
        }
        Ok(())
    }
}
