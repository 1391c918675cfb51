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
}

impl Discard {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(call) = self.call {
            let kept = context.executions()?.discard_kept(&self.id, call)?;
            if context.json {
                return output::json(&json!({ "execution": self.id, "call": call, "kept": kept }));
            }
            return output::text(&format!(
                "gave up the change of call {call}; until `paracle-host git cleanup` removes execution {} it is at {kept}",
                self.id
            ));
        }
        let record = context.executions()?.discard(&self.id)?;
        if context.json {
            return output::json(&record);
        }
        output::text(&format!(
            "discarded execution {id}; until `paracle-host git cleanup` its work is at refs/paracle/executions/{id}/discarded",
            id = record.id
        ))
    }
}
