//! `grant trust`.

use std::sync::Arc;

use paracle_host::flow::{Host, Meant, Trusted};
use paracle_host::grants::Given;
use paracle_host::model::{DirectoryRule, PluginName};
use paracle_host::registry::Plugin;

use crate::context::{Context, loaded};
use crate::exit::Failure;
use crate::{output, waiting};

/// Approves plugins as they are now, with what plugins.yaml grants them beyond the repository
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A repository that you cloned brings a plugins.yaml that you did not write. What it grants beyond the repository (network,
sockets, directories, secrets) counts once you approved it here, on this machine, for these bytes of the plugin and this
`config:` of it. A plugin that was approved and then changes its tools or what it asks for is not served until it is approved
again.

What you granted yourself is for the same bytes and `config:`. It stays for those, unless --move-grants says that it is to count
for the plugin as it is now.

Without names it approves nothing, and lists what waits.

Examples:
  paracle-host grant trust
  paracle-host grant trust web
  paracle-host grant trust web --move-grants")]
pub(crate) struct Trust {
    /// Which plugins
    plugins: Vec<PluginName>,
    /// What you granted when the plugins' bytes or `config:` were other counts for them as they are now
    #[arg(long, requires = "plugins")]
    move_grants: bool,
    /// Also directories where what a plugin writes runs later as code of yours: folders of programs, start-up files
    #[arg(long, requires = "plugins")]
    code_runs_there: bool,
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
        let meant = Meant {
            code_runs_there: self.code_runs_there,
            move_grants: self.move_grants,
        };
        let mut done = Vec::new();
        for plugin in plugins {
            done.push(host.trust(&plugin, meant)?);
        }
        if context.json {
            return output::json(&done);
        }
        let lines: Vec<String> = done.iter().flat_map(told).collect();
        output::say(&lines.join("\n"))
    }
}

/// Says what an approval did, and what it left.
fn told(trusted: &Trusted) -> Vec<String> {
    let approval = &trusted.approval;
    let name = &approval.plugin;
    let mut lines = vec![format!(
        "approved {name} ({}) and its `config:`, beyond the repository: {}",
        approval.digest, approval.outside
    )];
    let now = approval.digest;
    lines.extend(trusted.moved.iter().map(|given| {
        let how = if given.digest == now {
            "for another `config:`, is for this one now".to_owned()
        } else {
            format!("for {}, is for {now} now", given.digest)
        };
        format!("  moved {}, which was {how}", one(given))
    }));
    lines.extend(trusted.left.iter().map(|given| {
        let whose = if given.digest == now {
            "another `config:`".to_owned()
        } else {
            given.digest.to_string()
        };
        format!("  not moved: {} is for {whose}", one(given))
    }));
    if !trusted.left.is_empty() {
        lines.push(format!(
            "  if they are to count for {name} as it is now: `paracle-host grant trust {name} --move-grants`"
        ));
    }
    let missing = approval.outside.directories.iter();
    lines.extend(missing.filter(|rule| !rule.path.is_dir()).map(absent));
    lines
}

fn one(given: &Given) -> String {
    format!("grant {} ({}, {})", given.id, given.grant, given.scope)
}

fn absent(rule: &DirectoryRule) -> String {
    format!(
        "  {} is not there: calls of it fail until you make it",
        rule.path.display()
    )
}

/// Lists what waits for a person's word.
fn list(context: &Context, host: &Host) -> Result<(), Failure> {
    let waits = host.waits()?;
    if context.json {
        return output::json(&waits);
    }
    if waits.is_empty() {
        return output::say("nothing waits for your word");
    }
    output::say(&waiting::described(&waits, true))
}

fn waiting(host: &Host, name: &PluginName) -> Option<Arc<Plugin>> {
    host.waiting()
        .into_iter()
        .find(|plugin| plugin.info.name == *name)
}
