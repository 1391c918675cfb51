//! `git branches`.

use crate::commands::execution::status;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Lists the branches of executions
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host git branches --json")]
pub(crate) struct Branches {}

impl Branches {
    pub(super) fn run(context: &Context) -> Result<(), Failure> {
        let branches = context.executions()?.branches()?;
        if context.json {
            return output::json(&branches);
        }
        if branches.is_empty() {
            return output::text("no execution has a branch here");
        }
        let rows = branches.into_iter().map(|branch| {
            [
                branch.name.to_string(),
                branch
                    .status
                    .map_or("unknown", |word| status(word, branch.running))
                    .to_owned(),
                branch
                    .commit_count
                    .map(|count| count.to_string())
                    .unwrap_or_default(),
                branch
                    .base_branch
                    .map(|base| base.to_string())
                    .unwrap_or_default(),
                branch.created_at.unwrap_or_default(),
            ]
        });
        output::text(&output::table(
            ["BRANCH", "STATUS", "COMMITS", "BASE", "CREATED"],
            rows,
        ))
    }
}
