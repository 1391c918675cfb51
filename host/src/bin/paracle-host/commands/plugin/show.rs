//! `plugin show`.

use std::collections::BTreeMap;

use paracle_host::model::{LimitName, LimitOrigin, Limits, PluginName};
use paracle_host::registry::Plugin;
use serde_json::json;

use super::view::View;
use crate::context::{Context, loaded};
use crate::exit::Failure;
use crate::output;

/// Shows one plugin: who made it, what it asks for, what it was granted, and its tools with their arguments
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host plugin show files")]
pub(crate) struct Show {
    /// Which plugin
    name: PluginName,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let plugin = loaded(&host, &self.name)?;
        let view = View::of(&host, &plugin)?;
        if context.json {
            let tools: Vec<_> = plugin.tools.iter().map(|tool| &tool.info).collect();
            return output::json(&json!({
                "info": plugin.info,
                "tools": tools,
                "grants": view.grants,
                "unapproved": view.unapproved,
                "limits": plugin.limits,
                "limits_set_by": set_by(&plugin.limits),
                "source": plugin.source,
                "path": plugin.component.path,
                "digest": plugin.component.digest,
            }));
        }
        output::text(&described(&plugin, &view))
    }
}

fn described(plugin: &Plugin, view: &View<'_>) -> String {
    let info = &plugin.info;
    let or_none = |words: Vec<String>| {
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    };
    let mut lines = vec![
        format!(
            "{} {} ({} plugin): {}",
            view.name, view.version, view.kind, view.description
        ),
        format!("author       {}", info.author),
        format!("license      {}", info.license),
        format!(
            "asks for     {}",
            or_none(info.capabilities.iter().map(ToString::to_string).collect())
        ),
        format!("is granted   {}", view.grants),
        format!("limits       {}", limits(&plugin.limits)),
        format!("contract     {}", info.paracle_version),
        format!("file         {} ({})", view.path.display(), view.source),
        format!("digest       {}", view.digest),
    ];
    lines.extend(view.unapproved.map(|grant| {
        format!(
            "not approved {grant} (plugins.yaml; `paracle-host grant trust {}`)",
            view.name
        )
    }));
    lines.extend(
        info.homepage
            .iter()
            .map(|homepage| format!("homepage     {homepage}")),
    );
    if !info.dependencies.is_empty() {
        let needs = info
            .dependencies
            .iter()
            .map(|needs| format!("{} {}", needs.name, needs.version));
        lines.push(format!("needs        {}", or_none(needs.collect())));
    }
    for tool in &plugin.tools {
        let tool = &tool.info;
        lines.push(format!(
            "\n{}__{}({})",
            view.name,
            tool.name,
            arguments(&tool.parameters)
        ));
        lines.extend(tool.description.lines().map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

/// Lists what a call may take; what is not the default with who set it.
fn limits(limits: &Limits) -> String {
    let each = LimitName::ALL.iter().map(|name| {
        let (key, value) = (name.key(), limits.get(*name));
        match limits.origin(*name) {
            LimitOrigin::Default => format!("{key} {value}"),
            origin => format!("{key} {value} ({})", origin.said()),
        }
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Returns who set each limit that is not the default.
fn set_by(limits: &Limits) -> BTreeMap<&'static str, LimitOrigin> {
    LimitName::ALL
        .iter()
        .map(|name| (name.key(), limits.origin(*name)))
        .filter(|(_, origin)| *origin != LimitOrigin::Default)
        .collect()
}

/// Lists the names of a schema's properties; those that may be left out with `?`.
fn arguments(schema: &serde_json::Value) -> String {
    let required = schema
        .get("required")
        .and_then(|required| required.as_array());
    let properties = schema
        .get("properties")
        .and_then(|properties| properties.as_object());
    let names = properties.into_iter().flatten().map(|(name, _)| {
        let needed = required.is_some_and(|required| required.iter().any(|one| one == name));
        format!("{name}{}", if needed { "" } else { "?" })
    });
    names.collect::<Vec<_>>().join(", ")
}
