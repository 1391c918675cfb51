//! `grant trust`.

use std::sync::Arc;

use paracle_host::flow::Host;
use paracle_host::model::PluginName;
use paracle_host::registry::Plugin;

use crate::context::{Context, loaded};
use crate::exit::Failure;
use crate::output;

/// Approves plugins as they are now, with what plugins.yaml grants them beyond the repository
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A repository that you cloned brings a plugins.yaml that you did not write. What it grants beyond the repository (network,
sockets, directories, secrets) counts once you approved it here, on this machine, for these bytes of the plugin. A plugin that
was approved and then changes its tools or what it asks for is not served until it is approved again.

Without names it approves nothing, and lists what waits.

Example:
  paracle-host grant trust web")]
pub(crate) struct Trust {
    /// Which plugins
    plugins: Vec<PluginName>,
}

impl Trust {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let done = self.approve(context, &host);
        host.close().await;
        done
    }

    fn approve(self, context: &Context, host: &Arc<Host>) -> Result<(), Failure> {
        if self.plugins.is_empty() {
            return list(context, host);
        }
        let plugins: Vec<Arc<Plugin>> = self
            .plugins
            .iter()
            .map(|name| match waiting(host, name) {
                Some(plugin) => Ok(plugin),
                None => loaded(host, name),
            })
            .collect::<Result<_, _>>()?;
        let mut approvals = Vec::new();
        for plugin in plugins {
            approvals.push(host.trust(&plugin)?);
        }
        if context.json {
            return output::json(&approvals);
        }
        let lines: Vec<String> = approvals
            .iter()
            .map(|approval| {
                format!(
                    "approved {} ({}), beyond the repository: {}",
                    approval.plugin, approval.digest, approval.outside
                )
            })
            .collect();
        output::text(&lines.join("\n"))
    }
}

/// Lists what waits for a person's word.
fn list(context: &Context, host: &Host) -> Result<(), Failure> {
    let mut waits = unapproved(host)?;
    for plugin in host.waiting() {
        let name = plugin.info.name.clone();
        let why = host.failure_of(&name).map(|failure| failure.error);
        waits.push((name, why.unwrap_or_default()));
    }
    if context.json {
        return output::json(&waits);
    }
    if waits.is_empty() {
        return output::text("nothing waits for your word");
    }
    let lines: Vec<String> = waits
        .iter()
        .map(|(name, what)| format!("{name}: {what}"))
        .collect();
    output::text(&format!(
        "{}\n`paracle-host grant trust NAME` approves one",
        lines.join("\n")
    ))
}

/// Lists what plugins.yaml grants beyond the repository and nobody approved on this machine.
pub(crate) fn unapproved(host: &Host) -> Result<Vec<(PluginName, String)>, Failure> {
    let mut waits = Vec::new();
    for plugin in host.registry().plugins() {
        let standing = host.standing(plugin, None, None)?;
        if !plugin.outside.is_empty() && !standing.operator_allows(&plugin.outside) {
            waits.push((plugin.info.name.clone(), plugin.outside.to_string()));
        }
    }
    Ok(waits)
}

fn waiting(host: &Host, name: &PluginName) -> Option<Arc<Plugin>> {
    host.waiting()
        .into_iter()
        .find(|plugin| plugin.info.name == *name)
}
