//! `execution resolve`.

use std::path::PathBuf;

use paracle_host::execution::Choice;
use paracle_host::git::TreePath;
use paracle_host::model::ExecutionId;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Decides a path that a merge of an execution could not
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Tools of the execution can decide, too: they find both sides between markers, and a file in conflict that a call wrote, and that
has no markers left, is decided. When nothing is left, `git merge` merges the execution.

Examples:
  paracle-host execution resolve 01M840Y8CXD1AYKJK8RJJCMVGR src/main.rs --theirs
  paracle-host execution resolve 01M840Y8CXD1AYKJK8RJJCMVGR src/main.rs --file /tmp/main.rs
  paracle-host execution resolve 01M840Y8CXD1AYKJK8RJJCMVGR --abandon")]
#[command(group(clap::ArgGroup::new("choice").required(true).args(["ours", "theirs", "file", "abandon"])))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that is there or not"
)]
pub(crate) struct Resolve {
    /// The execution
    pub(super) id: ExecutionId,
    /// The path, as `execution conflicts` lists it
    #[arg(required_unless_present = "abandon", conflicts_with = "abandon")]
    path: Option<TreePath>,
    /// Takes what the branch has that it is merged into
    #[arg(long)]
    ours: bool,
    /// Takes what the execution has
    #[arg(long)]
    theirs: bool,
    /// Takes the content of a file
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Takes the file though it has lines that look like git's markers of a conflict
    #[arg(long, requires = "file")]
    with_markers: bool,
    /// Gives up all decisions: the execution is as it was before the merge
    #[arg(long)]
    abandon: bool,
}

impl Resolve {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        let configured = context.settings()?.git.strategy;
        let Some(path) = &self.path else {
            let kept = executions.abandon_merge(&self.id)?;
            if context.json {
                return output::json(
                    &json!({ "execution": self.id, "abandoned": true, "kept": kept }),
                );
            }
            let kept = kept.map(|name| {
                format!(
                    "; what was decided and written meanwhile is kept under {name} until a cleanup"
                )
            });
            return output::say(&format!(
                "gave up the merge of execution {}; its branch is as it was{}",
                self.id,
                kept.unwrap_or_default()
            ));
        };
        let choice = match &self.file {
            Some(file) => Choice::File {
                content: content(file)?,
                with_markers: self.with_markers,
            },
            None if self.ours => Choice::Ours,
            None => Choice::Theirs,
        };
        let decided = executions.resolve(&self.id, path, choice)?;
        let left = decided.merge.open_paths();
        if context.json {
            return output::json(&json!({
                "execution": self.id, "path": path, "commit": decided.commit, "left": left, "done": decided.done,
            }));
        }
        output::say(&if decided.done {
            let record = executions.show(&self.id)?.record;
            let merge = decided.merge.merge_command(&record, configured);
            format!("decided {path}, the last: `{merge}` merges the execution")
        } else {
            format!("decided {path}; left: {}", left.join(", "))
        })
    }
}

fn content(file: &std::path::Path) -> Result<Vec<u8>, Failure> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the person who calls names the file"
    )]
    std::fs::read(file)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())))
}
