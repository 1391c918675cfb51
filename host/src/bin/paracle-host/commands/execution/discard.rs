//! `execution discard`.

use paracle_host::model::ExecutionId;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Gives an execution up, in all its repositories: its branch goes, and its newest commit stays under a ref until the next `git cleanup`
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host execution discard 01M840Y8CXD1AYKJK8RJJCMVGR")]
pub(crate) struct Discard {
    /// The execution
    id: ExecutionId,
}

impl Discard {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
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
