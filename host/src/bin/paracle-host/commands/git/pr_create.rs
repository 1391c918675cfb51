//! `git pr-create`.

use paracle_host::model::ExecutionId;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Says how to open a pull request of an execution: the line that pushes its branch, and the page to open
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It opens nothing and pushes nothing itself.

Example:
  paracle-host git pr-create 01M840Y8CXD1AYKJK8RJJCMVGR \"Add notes\" --body \"Written by files__write\"")]
pub(crate) struct PrCreate {
    /// The execution
    #[arg(value_name = "EXEC_ID")]
    id: ExecutionId,
    /// The pull request's title
    title: String,
    /// Its text
    #[arg(long, default_value = "", hide_default_value = true)]
    body: String,
}

impl PrCreate {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        let info = executions.show(&self.id)?;
        executions.check_publishable(&info.record)?;
        let branch = &info.record.branch;
        if !info.branch_exists {
            return Err(Failure::usage(format!(
                "branch {branch} of execution {} is gone: there is nothing to push",
                self.id
            )));
        }
        let Some(remote) = executions.repo().remote()? else {
            return Err(Failure::usage(
                "this repository has no remote to open a pull request at: add one with `git remote add origin URL`, or merge with `paracle-host git merge`",
            ));
        };
        let push = format!("git push {} {branch}", remote.name);
        let base = info.record.base_branch.as_ref();
        let page =
            base.and_then(|base| remote.pull_request_page(base, branch, &self.title, &self.body));
        if context.json {
            return output::json(
                &json!({ "branch": branch, "base": base, "push": push, "page": page, "opened": false }),
            );
        }
        output::text(&format!("{push}\n{}", page.as_deref().unwrap_or_default()))?;
        output::tell(match (&page, base) {
            (Some(_), _) => "Nothing was pushed or opened: run the line, then open the page.",
            (None, Some(_)) => {
                "Nothing was pushed or opened: run the line. The remote's address names no page to open."
            }
            (None, None) => {
                "Nothing was pushed or opened: run the line. The execution started from no branch, so there is no page that compares it."
            }
        });
        Ok(())
    }
}
