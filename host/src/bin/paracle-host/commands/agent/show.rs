//! `agent show`.

use paracle_host::model::PlanName;
use paracle_host::orchestrate;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows one agent: its model, what it may take, its tools as far as plugins have them, and what it is told
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host agent show reviewer")]
pub(crate) struct Show {
    /// Which agent
    name: PlanName,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let agents = orchestrate::agents(&host)?;
        let agent = orchestrate::find_agent(&agents, self.name.as_str())?;
        let (tools, missing) = orchestrate::tools_of(&host, &agent);
        if context.json {
            return output::json(&json!({
                "agent": agent,
                "instructions": agent.instructions,
                "can_call": tools,
                "missing": missing,
            }));
        }
        let or = |words: &Option<String>, otherwise: &str| {
            words.clone().unwrap_or_else(|| otherwise.to_owned())
        };
        let limits = &agent.limits;
        let mut lines = vec![
            format!("{} ({})", agent.id, agent.name),
            format!("role         {}", or(&agent.role, "none")),
            format!(
                "provider     {}",
                or(&agent.provider, "the only one that is loaded")
            ),
            format!("model        {}", or(&agent.model, "the provider's first")),
            format!("temperature  {}", agent.temperature),
            format!(
                "may take     {} turns, {} tokens, {} s{}",
                limits.turns,
                limits.tokens,
                limits.time_s,
                limits
                    .cost
                    .map_or_else(String::new, |cost| format!(", {cost} USD"))
            ),
            format!("can call     {}", some(&tools)),
        ];
        if !missing.is_empty() {
            lines.push(format!(
                "not there    {} (no plugin that is loaded has it, or more than one)",
                missing.join(", ")
            ));
        }
        lines.push(format!("\n{}", agent.instructions));
        output::text(&lines.join("\n"))
    }
}

fn some(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}
