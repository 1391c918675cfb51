//! `grant revoke`.

use std::path::Path;

use paracle_host::grants::{Given, Grants, GrantsError};
use paracle_host::model::{Audited, GrantRecord, Origin, PluginName};
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Takes back what was granted on this machine; what plugins.yaml grants is taken back there
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  paracle-host grant revoke 01JDKXY2M7N8P9Q0R1S2T3V4W5
  paracle-host grant revoke --plugin web")]
pub(crate) struct Revoke {
    /// The grant's id, as `grant list` shows it
    #[arg(required_unless_present = "plugin")]
    id: Option<String>,
    /// All that a plugin was granted on this machine, and the approval of what plugins.yaml grants it beyond the repository
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    plugin: Option<PluginName>,
}

impl Revoke {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let settings = context.settings()?;
        let grants = Grants::new(&settings.own, settings.project());
        let (taken, approval) = match (&self.id, &self.plugin) {
            (Some(id), _) => (vec![revoke(&grants, id)?], false),
            (None, Some(plugin)) => grants.revoke_all(plugin)?,
            (None, None) => (Vec::new(), false),
        };
        for given in &taken {
            keep(context, &settings.own, given);
        }
        if context.json {
            return output::json(&json!({ "revoked": taken, "approval": approval }));
        }
        let mut lines: Vec<String> = taken
            .iter()
            .map(|given| format!("took back from {}: {}", given.plugin, given.grant))
            .collect();
        if approval {
            lines.push(
                "what plugins.yaml grants beyond the repository is not approved any more"
                    .to_owned(),
            );
        }
        if lines.is_empty() {
            lines.push("there was nothing to take back".to_owned());
        }
        output::say(&lines.join("\n"))
    }
}

/// Takes one grant back. Who names a plugin instead is told how, because that would take its approval, too.
fn revoke(grants: &Grants, id: &str) -> Result<Given, Failure> {
    let done = grants.revoke(id);
    let (Err(GrantsError::Unknown { .. }), Ok(plugin)) = (&done, id.parse::<PluginName>()) else {
        return Ok(done?);
    };
    let mut ids = Vec::new();
    for given in grants.given()? {
        if given.plugin == plugin {
            ids.push(format!("  {} ({})", given.id, given.grant));
        }
    }
    let approved = grants.approval(&plugin)?.is_some();
    if ids.is_empty() && !approved {
        return Ok(done?);
    }
    Err(Failure::usage(format!(
        "{plugin} is a plugin, and a grant is named by its id; `paracle-host grant revoke --plugin {plugin}` takes back all that it \
         was granted on this machine{}{}",
        if approved { ", and its approval" } else { "" },
        if ids.is_empty() {
            String::new()
        } else {
            format!(":\n{}", ids.join("\n"))
        }
    )))
}

/// Keeps in the audit journal that a grant was taken back. That it was, is so even where there is no journal.
fn keep(context: &Context, own: &Path, given: &Given) {
    let Ok(audit) = context.audit() else {
        return;
    };
    let record = GrantRecord {
        digest: Some(given.digest),
        grant: given.grant.to_string(),
        lasts: given.scope.to_string(),
    };
    let told = audit.tell(
        own,
        Origin::of_plugin(&given.plugin),
        Audited::Revoked(record),
    );
    if let Err(error) = told {
        tracing::warn!(%error, "what was taken back is not in the audit journal");
    }
}
