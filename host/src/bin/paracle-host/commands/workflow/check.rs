//! `workflow check`.

use paracle_host::model::PlanName;
use paracle_host::orchestrate;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Checks that workflows can run: each file, name and expression, and that no steps wait for each other
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host workflow check")]
pub(crate) struct Check {
    /// Which workflow; all of them where none is named
    name: Option<PlanName>,
}

impl Check {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let names = if let Some(name) = self.name {
            vec![name]
        } else {
            let catalog = orchestrate::workflows(&host)?;
            let active = catalog
                .workflows
                .into_iter()
                .filter(|one| one.status.is_none());
            active.map(|entry| entry.name).collect()
        };
        let (mut told, mut failures) = (Vec::new(), 0);
        for name in &names {
            let (warnings, error) = match orchestrate::plan(&host, name.as_str()) {
                Ok(plan) => (plan.warnings, None),
                Err(error) => (Vec::new(), Some(error.to_string())),
            };
            failures += usize::from(error.is_some());
            if !context.json {
                for warning in &warnings {
                    output::tell(&format!("warning: {warning}"));
                }
                let verdict = error.as_deref().unwrap_or("it can run");
                output::say(&format!("{name}: {verdict}"))?;
            }
            told.push(json!({ "workflow": name, "error": error, "warnings": warnings }));
        }
        if context.json {
            output::json(&told)?;
        }
        if failures == 0 {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{failures} of {} workflows cannot run",
            names.len()
        ))
        .told())
    }
}
