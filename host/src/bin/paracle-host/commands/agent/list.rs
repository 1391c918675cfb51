//! `agent list`.

use paracle_host::orchestrate;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Lists the agents of .parac/agents/manifest.yaml
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host agent list")]
pub(crate) struct List {}

impl List {
    pub(super) async fn run(context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let agents = orchestrate::agents(&host)?;
        if context.json {
            return output::json(&agents);
        }
        for warning in &agents.warnings {
            tracing::warn!("{warning}");
        }
        if agents.agents.is_empty() {
            return output::say("there is no agent: .parac/agents/manifest.yaml lists them");
        }
        let rows = agents.agents.iter().map(|agent| {
            let tools = agent.tools.iter().map(|tool| tool.value.as_str());
            [
                agent.id.to_string(),
                agent.model.clone().unwrap_or_default(),
                agent.provider.clone().unwrap_or_default(),
                tools.collect::<Vec<_>>().join(", "),
                agent
                    .role
                    .clone()
                    .or_else(|| agent.description.clone())
                    .unwrap_or_default(),
            ]
        });
        output::say(&output::table(
            ["AGENT", "MODEL", "PROVIDER", "TOOLS", "ROLE"],
            rows,
        ))
    }
}
