//! `execution resume`.

use paracle_host::model::{ExecutionId, ExecutionStatus};

use super::list::status;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Takes an interrupted or kept execution up again, and says what it finds of it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The next calls go on with it: `paracle-host run TOOL --execution ID`. Ends with 4 while another process has it open.

Example:
  paracle-host execution resume 01M840Y8CXD1AYKJK8RJJCMVGR")]
pub(crate) struct Resume {
    /// The execution
    pub(super) id: ExecutionId,
}

impl Resume {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let done = context.executions()?.recover(&self.id)?;
        if context.json {
            return output::json(&done);
        }
        let record = &done.info.record;
        let mut lines = vec![match &done.last {
            Some(last) => format!(
                "execution {} has {} checkpoint(s) on {}; the last is {} of {}, {}",
                record.id,
                last.number,
                record.branch,
                last.tool.as_deref().unwrap_or(&last.subject),
                last.time,
                last.commit
            ),
            None => format!(
                "execution {} has no checkpoint yet, and begins at {}",
                record.id, record.base_commit
            ),
        }];
        lines.extend(done.found.iter().map(|found| format!("found: {found}")));
        output::text(&lines.join("\n"))?;
        output::tell(&match record.status {
            ExecutionStatus::Active | ExecutionStatus::Kept => {
                format!("go on: paracle-host run TOOL --execution {}", record.id)
            }
            ended @ (ExecutionStatus::Merged | ExecutionStatus::Discarded) => {
                format!("it is {}: nothing is left to do", status(ended, false))
            }
        });
        Ok(())
    }
}
