//! `execution rewind`.

use paracle_host::model::ExecutionId;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Moves an execution's branch back to a checkpoint; what it leaves stays under a ref until `git cleanup`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ends with 4 while a process has the execution open, or its branch is checked out. What was left can be gone to again.

Examples:
  paracle-host execution rewind 01M840Y8CXD1AYKJK8RJJCMVGR --to 2
  paracle-host execution rewind 01M840Y8CXD1AYKJK8RJJCMVGR --to 4b825dc642cb")]
pub(crate) struct Rewind {
    /// The execution
    pub(super) id: ExecutionId,
    /// A number or a commit of `execution log`; 0 is where the execution began
    #[arg(long, value_name = "CHECKPOINT")]
    to: String,
}

impl Rewind {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let done = context.executions()?.rewind(&self.id, &self.to)?;
        if context.json {
            return output::json(&done);
        }
        let place = match done.checkpoint {
            Some(0) => "where it began".to_owned(),
            Some(number) => format!("checkpoint {number}"),
            None => "a checkpoint that was rewound before".to_owned(),
        };
        output::say(&match done.kept {
            Some(kept) => format!(
                "execution {} is at {place} again, {}; until `paracle-host git cleanup` what it left, {}, is at {kept}",
                done.id, done.commit, done.left
            ),
            None => format!(
                "execution {} is at {place}, {}, already",
                done.id, done.commit
            ),
        })
    }
}
