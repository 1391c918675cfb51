//! `execution materialize`.

use std::path::PathBuf;

use paracle_host::config::Environment;
use paracle_host::model::ExecutionId;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Checks an execution's branch out in a folder of its own, as a git worktree, to look at it or to build it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Plugins never see that folder: calls go on with what is committed, and the folder follows while it has no changes of yours.
What you commit there is part of the execution. `git worktree remove PATH` removes it. Ends with 4 while a process has the
execution open.

Example:
  paracle-host execution materialize 01M840Y8CXD1AYKJK8RJJCMVGR ../look")]
pub(crate) struct Materialize {
    /// The execution
    pub(super) id: ExecutionId,
    /// The folder, which git makes [default: beside the repository, with the execution's id in its name]
    path: Option<PathBuf>,
}

impl Materialize {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        // As the person's shell means it, wherever the repository is.
        let path = match self.path {
            None => None,
            Some(path) => Some(Environment::read()?.directory.join(path)),
        };
        let done = context
            .executions()?
            .materialize(&self.id, path.as_deref())?;
        if context.json {
            return output::json(&done);
        }
        let already = if done.existing { " already" } else { "" };
        output::text(&format!(
            "execution {} is checked out{already} in {}, at {}\nremove it: git worktree remove {}",
            done.id,
            done.path.display(),
            done.commit,
            done.path.display()
        ))
    }
}
