//! `grant list`.

use paracle_host::flow::Host;
use paracle_host::grants::{By, Given, Scope};
use paracle_host::model::{Grant, PluginName};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Lists what each plugin is granted, by whom, for how long, and whether it is in force
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host grant list web")]
pub(crate) struct List {
    /// Only that of one plugin
    plugin: Option<PluginName>,
}

/// One grant, as it is listed.
#[derive(Debug, Serialize)]
struct Row {
    plugin: PluginName,
    grant: Grant,
    /// Where it is written.
    from: &'static str,
    scope: String,
    state: &'static str,
    id: Option<String>,
}

impl List {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let mut rows = written(&host)?;
        rows.extend(
            host.grants()
                .given()?
                .into_iter()
                .map(|given| row(&host, given)),
        );
        rows.retain(|row| self.plugin.as_ref().is_none_or(|name| *name == row.plugin));
        host.close().await;
        if context.json {
            return output::json(&rows);
        }
        if rows.is_empty() {
            return output::text("nothing is granted");
        }
        output::text(&output::table(
            ["PLUGIN", "GRANT", "FROM", "FOR", "STATE", "ID"],
            rows.iter().map(|row| {
                [
                    row.plugin.to_string(),
                    row.grant.to_string(),
                    row.from.to_owned(),
                    row.scope.clone(),
                    row.state.to_owned(),
                    row.id.clone().unwrap_or_default(),
                ]
            }),
        ))
    }
}

/// Lists what `plugins.yaml` grants.
fn written(host: &Host) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for plugin in host.registry().plugins() {
        let row = |grant: &Grant, state| Row {
            plugin: plugin.info.name.clone(),
            grant: grant.clone(),
            from: "plugins.yaml",
            scope: Scope::Always.to_string(),
            state,
            id: None,
        };
        if !plugin.grants.is_empty() {
            rows.push(row(&plugin.grants, "in force"));
        }
        if !plugin.outside.is_empty() {
            let has = host
                .standing(plugin, None, None)?
                .operator_allows(&plugin.outside);
            rows.push(row(
                &plugin.outside,
                if has { "in force" } else { "not approved" },
            ));
        }
    }
    Ok(rows)
}

fn row(host: &Host, given: Given) -> Row {
    let registry = host.registry();
    let state = match (registry.get(&given.plugin), &given.scope) {
        _ if given.is_over(jiff::Timestamp::now()) => "over",
        (None, _) => "not loaded",
        (Some(plugin), _) if plugin.component.digest != given.digest => "for other bytes",
        (Some(plugin), _)
            if given.config != Some(plugin.configured)
                && !given.grant.clone().split().1.is_empty() =>
        {
            "for another config"
        }
        (Some(_), Scope::Always | Scope::Until(_) | Scope::Execution(_) | Scope::Once) => {
            "in force"
        }
    };
    Row {
        from: match given.by {
            By::Command => "command",
            By::Answer => "answer",
        },
        scope: given.scope.to_string(),
        state,
        plugin: given.plugin,
        grant: given.grant,
        id: Some(given.id),
    }
}
