//! A plugin as lists show it.

use std::path::Path;
use std::sync::Arc;

use paracle_host::flow::{Host, LoadFailure};
use paracle_host::model::{Grant, Kind};
use paracle_host::registry::{Plugin, Source};
use serde::Serialize;

use crate::exit::Failure;
use crate::output;

/// One plugin that is loaded.
#[derive(Debug, Serialize)]
pub(super) struct View<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a semver::Version,
    pub(super) kind: Kind,
    pub(super) description: &'a str,
    pub(super) tools: Vec<&'a str>,
    /// What it has, from `plugins.yaml` and from the person.
    pub(super) grants: Grant,
    /// What `plugins.yaml` grants it, and nobody approved on this machine.
    pub(super) unapproved: Option<&'a Grant>,
    pub(super) source: Source,
    pub(super) path: &'a Path,
    pub(super) digest: String,
}

impl<'a> View<'a> {
    pub(super) fn of(host: &Host, plugin: &'a Arc<Plugin>) -> Result<Self, Failure> {
        let standing = host.standing(plugin, None, None)?;
        Ok(Self {
            name: plugin.info.name.as_str(),
            version: &plugin.info.version,
            kind: plugin.info.kind,
            description: &plugin.info.description,
            tools: plugin
                .tools
                .iter()
                .map(|tool| tool.info.name.as_str())
                .collect(),
            unapproved: (!standing.operator_allows(&plugin.outside)).then_some(&plugin.outside),
            grants: standing.grant().clone(),
            source: plugin.source,
            path: &plugin.component.path,
            digest: plugin.component.digest.to_string(),
        })
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
