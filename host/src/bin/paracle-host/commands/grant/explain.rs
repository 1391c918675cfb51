//! `grant explain`.

use paracle_host::model::{ExecutionId, Grant, PluginName};
use serde_json::json;

use super::wanted::Wanted;
use crate::context::{Context, loaded};
use crate::exit::{Exit, Failure};
use crate::output;

/// Says which of the three parties, plugin, operator and execution, says no to something, and what to do about it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 0 says that it is allowed, 3 that it is not. Nothing is sent or opened: an address that a name leads to is decided
when a request is made.

Examples:
  paracle-host grant explain web --network 'POST https://api.example.com/v1/x'
  paracle-host grant explain files --workspace read-write --caller react")]
pub(crate) struct Explain {
    /// Which plugin
    plugin: PluginName,
    #[command(flatten)]
    wanted: Wanted,
    /// As in a call of this execution
    #[arg(long, value_name = "ID")]
    execution: Option<ExecutionId>,
    /// As in a call that another plugin makes
    #[arg(long, value_name = "PLUGIN")]
    caller: Option<PluginName>,
}

impl Explain {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let need = Grant::from(self.wanted);
        let host = context.host().await?;
        let plugin = loaded(&host, &self.plugin)?;
        let caller = match &self.caller {
            None => None,
            Some(name) => Some(loaded(&host, name)?),
        };
        let standing = host.standing(&plugin, self.execution.as_ref(), caller.as_ref())?;
        host.close().await;
        let opinions = standing.explain(&need);
        let allowed = opinions.iter().all(|opinion| opinion.allows);
        let denied = (!allowed).then(|| standing.refuse(need));
        if context.json {
            output::json(&json!({
                "plugin": self.plugin,
                "allowed": allowed,
                "parties": opinions,
                "has": standing.grant(),
                "denied": denied,
            }))?;
        } else {
            let mut lines: Vec<String> = opinions
                .iter()
                .map(|opinion| {
                    let word = if opinion.allows { "yes" } else { "no " };
                    format!("{word} {:<9} {}", opinion.party.name(), opinion.says)
                })
                .collect();
            lines.push(format!("so {} has: {}", self.plugin, standing.grant()));
            output::text(&lines.join("\n"))?;
        }
        match denied {
            None => Ok(()),
            Some(denied) => {
                let failure = Failure::new(Exit::Refused, denied.to_string());
                Err(if context.json {
                    failure.told()
                } else {
                    failure
                })
            }
        }
    }
}
