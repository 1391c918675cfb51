//! `git init-workflow`.

use paracle_host::flow;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Checks that executions can work in this repository, and writes .parac/config/git.yaml if it is missing
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host git init-workflow")]
pub(crate) struct InitWorkflow {}

impl InitWorkflow {
    pub(super) fn run(context: &Context) -> Result<(), Failure> {
        let repository = context.repository()?;
        let (commit, branch) = repository.head()?;
        // Read before anything is written: a file that is wrong is not made right by another one.
        let settings = context.settings()?;
        let parac = match (settings.parac, repository.workdir()) {
            (Some(parac), _) => parac,
            (None, Some(root)) => root.join(".parac"),
            (None, None) => settings.directory.join(".parac"),
        };
        let done = flow::init_workflow(&parac)?;
        let base = settings.git.base_branch.or(branch);
        if context.json {
            return output::json(&json!({
                "repository": repository.git_dir(), "base_branch": base, "head": commit,
                "written": done.written, "kept": done.kept,
            }));
        }
        for path in &done.written {
            output::say(&format!("wrote {}", path.display()))?;
        }
        for path in &done.kept {
            output::say(&format!(
                "{} is there already, and was kept",
                path.display()
            ))?;
        }
        output::say(&match base {
            Some(base) => format!("executions start from {base}, each on a branch exec/ID/TIME of its own"),
            None => "HEAD is detached: executions start from its commit, and `git merge` needs --target; \
                     `base_branch:` in git.yaml names a branch to start from"
                .to_owned(),
        })
    }
}
