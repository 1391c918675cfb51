//! A plugin as lists show it.

use std::path::Path;

use paracle_host::flow::LoadFailure;
use paracle_host::model::{Grant, Kind};
use paracle_host::registry::{Plugin, Source};
use serde::Serialize;

use crate::output;

/// One plugin that is loaded.
#[derive(Debug, Serialize)]
pub(super) struct View<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a semver::Version,
    pub(super) kind: Kind,
    pub(super) description: &'a str,
    pub(super) tools: Vec<&'a str>,
    pub(super) grants: &'a Grant,
    pub(super) source: Source,
    pub(super) path: &'a Path,
    pub(super) digest: String,
}

impl<'a> View<'a> {
    pub(super) fn of(plugin: &'a Plugin) -> Self {
        Self {
            name: plugin.info.name.as_str(),
            version: &plugin.info.version,
            kind: plugin.info.kind,
            description: &plugin.info.description,
            tools: plugin
                .tools
                .iter()
                .map(|tool| tool.info.name.as_str())
                .collect(),
            grants: &plugin.grants,
            source: plugin.source,
            path: &plugin.component.path,
            digest: plugin.component.digest.to_string(),
        }
    }
}

/// Lays plugins out for people.
pub(super) fn table(plugins: &[View<'_>]) -> String {
    if plugins.is_empty() {
        return "no plugin is loaded: put components into .parac/plugins, or run `paracle-host init --samples`".to_owned();
    }
    output::table(
        ["NAME", "VERSION", "KIND", "TOOLS", "GRANTS", "SOURCE"],
        plugins.iter().map(|plugin| {
            [
                plugin.name.to_owned(),
                plugin.version.to_string(),
                plugin.kind.to_string(),
                plugin.tools.join(", "),
                plugin.grants.to_string(),
                plugin.source.to_string(),
            ]
        }),
    )
}

/// Says which plugins are not loaded, and why.
pub(super) fn failures(failures: &[LoadFailure]) -> String {
    let lines: Vec<String> = failures
        .iter()
        .map(|failure| format!("  {}", failed(failure)))
        .collect();
    format!("not loaded:\n{}", lines.join("\n"))
}

/// Says why one plugin is not loaded.
pub(super) fn failed(failure: &LoadFailure) -> String {
    format!("{} {}", failure.path.display(), failure.error)
}
