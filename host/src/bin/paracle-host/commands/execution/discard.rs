//! `execution discard`.

use paracle_host::model::{CallId, ExecutionId};
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Gives an execution up, in all its repositories: its branch goes, and its newest commit stays under a ref until the next `git cleanup`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  paracle-host execution discard 01M840Y8CXD1AYKJK8RJJCMVGR
  paracle-host execution discard 01M840Y8CXD1AYKJK8RJJCMVGR --call 01M840Y8DSW0QF1Z7T5CZ5J1QH")]
pub(crate) struct Discard {
    /// The execution
    id: ExecutionId,
    /// Gives up only the change of this call, which did not fit onto the branch; the execution stays as it is
    #[arg(long)]
    call: Option<CallId>,
    /// Gives up one whose state is damaged, too; what is on its branch is kept as ever
    #[arg(long, conflicts_with = "call")]
    force: bool,
}

impl Discard {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(call) = self.call {
            let kept = context.executions()?.discard_kept(&self.id, call)?;
            if context.json {
                return output::json(&json!({ "execution": self.id, "call": call, "kept": kept }));
            }
            return output::say(&format!(
                "gave up the change of call {call}; until `paracle-host git cleanup` removes execution {} it is at {kept}",
                self.id
            ));
        }
        let discarded = context.executions()?.discard_with(&self.id, self.force)?;
        let Some(record) = discarded else {
            if context.json {
                return output::json(&json!({ "id": self.id, "status": "removed" }));
            }
            return output::text(&format!("removed the damaged execution {}", self.id));
        };
        if context.json {
            return output::json(&record);
        }
        output::say(&format!(
            "discarded execution {id}; until `paracle-host git cleanup` its work is at refs/paracle/executions/{id}/discarded",
            id = record.id
        ))
    }
}
