//! `workflow list`.

use paracle_host::orchestrate;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Lists the workflows of .parac/workflows: those of its catalog, and other definitions that are there
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host workflow list")]
pub(crate) struct List {}

impl List {
    pub(super) async fn run(context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let catalog = orchestrate::workflows(&host)?;
        if context.json {
            return output::json(&catalog);
        }
        for warning in &catalog.warnings {
            tracing::warn!("{warning}");
        }
        if catalog.workflows.is_empty() {
            return output::say("there is no workflow: .parac/workflows/definitions holds them");
        }
        let rows = catalog.workflows.iter().map(|entry| {
            [
                entry.name.to_string(),
                entry.status.clone().unwrap_or_else(|| "active".to_owned()),
                entry.category.clone().unwrap_or_default(),
                entry.description.clone().unwrap_or_default(),
            ]
        });
        output::say(&output::table(
            ["WORKFLOW", "STATUS", "CATEGORY", "DESCRIPTION"],
            rows,
        ))
    }
}
