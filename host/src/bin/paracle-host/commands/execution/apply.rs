//! `execution apply`.

use paracle_host::execution::Choice;
use paracle_host::model::{CallId, ExecutionId};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Takes over the change of a call that did not fit onto its execution's branch when it was made
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Such a change is kept aside: `execution show` names the calls. It is merged onto the branch as it is now, as a checkpoint of its
own; where it does not fit, nothing is touched and the command ends with 4, unless one side is taken. `execution discard ID
--call CALL` gives it up.

Examples:
  paracle-host execution apply 01M840Y8CXD1AYKJK8RJJCMVGR 01M840Y8DSW0QF1Z7T5CZ5J1QH
  paracle-host execution apply 01M840Y8CXD1AYKJK8RJJCMVGR 01M840Y8DSW0QF1Z7T5CZ5J1QH --theirs")]
pub(crate) struct Apply {
    /// The execution
    pub(super) id: ExecutionId,
    /// The call whose change it is
    call: CallId,
    /// Keeps what the branch has, in files in which the two do not fit
    #[arg(long, conflicts_with = "theirs")]
    ours: bool,
    /// Takes what the call wrote, in files in which the two do not fit
    #[arg(long)]
    theirs: bool,
}

impl Apply {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let choice = match (self.ours, self.theirs) {
            (true, _) => Some(Choice::Ours),
            (false, true) => Some(Choice::Theirs),
            (false, false) => None,
        };
        let executions = context.executions()?;
        let applied = executions.apply_kept(&self.id, self.call, choice.as_ref())?;
        if context.json {
            return output::json(&applied);
        }
        if applied.commit == applied.before {
            return output::text(&format!(
                "the branch of execution {} has all that call {} changed; nothing is kept of it any more",
                self.id, self.call
            ));
        }
        let mut lines = vec![format!(
            "took over the change of call {} as {}",
            self.call, applied.commit
        )];
        lines.extend(
            applied
                .changed
                .iter()
                .map(|edit| format!("  {}", output::changed(edit))),
        );
        output::text(&lines.join("\n"))
    }
}
