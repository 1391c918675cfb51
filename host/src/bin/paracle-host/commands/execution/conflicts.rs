//! `execution conflicts`.

use paracle_host::execution::{OpenConflict, ResolvedBy};
use paracle_host::git::Side;
use paracle_host::model::ExecutionId;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::hints;
use crate::output;

/// Lists what a merge of an execution could not decide: each path, the kind of conflict, and what the sides have there
#[derive(Debug, clap::Args)]
#[command(after_help = "\
`ours` is the branch that it was to be merged into, `theirs` the execution.

Example:
  paracle-host execution conflicts 01M840Y8CXD1AYKJK8RJJCMVGR")]
pub(crate) struct Conflicts {
    /// The execution
    pub(super) id: ExecutionId,
    /// Shows what git says of each, too
    #[arg(long)]
    long: bool,
}

impl Conflicts {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        let merge = executions.unresolved(&self.id)?;
        let Some(merge) = merge else {
            let elsewhere = executions.unresolved_elsewhere(&self.id);
            if context.json {
                return output::json(
                    &json!({ "execution": self.id, "conflicts": [], "elsewhere": elsewhere }),
                );
            }
            let here = format!("no merge of execution {} waits for a decision", self.id);
            if elsewhere.is_empty() {
                return output::say(&here);
            }
            let elsewhere = elsewhere.iter().map(|one| {
                format!(
                    "in {}: `paracle-host execution conflicts {} {}` lists what it waits for",
                    one.name,
                    self.id,
                    hints::to(&one.path)
                )
            });
            let elsewhere: Vec<_> = elsewhere.collect();
            return output::say(&format!(
                "{here} here, but one does {}",
                elsewhere.join("; ")
            ));
        };
        if context.json {
            return output::json(&json!({
                "execution": self.id, "target": merge.target, "ours": merge.onto, "theirs": merge.tip,
                "conflicts": merge.conflicts,
            }));
        }
        let rows = merge.conflicts.iter().map(|one| {
            let conflict = &one.conflict;
            [
                conflict.path.to_string(),
                conflict.kind.name().to_owned(),
                side(conflict.base),
                side(conflict.ours),
                side(conflict.theirs),
                state(one).to_owned(),
            ]
        });
        output::text(&output::table(
            ["PATH", "KIND", "BASE", "OURS", "THEIRS", "STATE"],
            rows,
        ))?;
        if self.long {
            for one in &merge.conflicts {
                output::text(&format!("\n{}\n{}", one.conflict.path, one.conflict.said))?;
            }
        }
        Ok(())
    }
}

/// Writes a side's mode and the beginning of its object's id.
fn side(side: Option<Side>) -> String {
    let Some(side) = side else {
        return "-".to_owned();
    };
    let id: String = side.id.to_string().chars().take(10).collect();
    format!("{:06o} {id}", side.mode.0)
}

const fn state(one: &OpenConflict) -> &'static str {
    match &one.resolved {
        None => "open",
        Some(resolution) => match resolution.by {
            ResolvedBy::Ours => "decided: ours",
            ResolvedBy::Theirs => "decided: theirs",
            ResolvedBy::File => "decided: a file",
            ResolvedBy::Call => "decided: by a call",
            ResolvedBy::Gone => "gone on both sides",
        },
    }
}
