//! The host's own resources: what executions changed, what plugins are, and results that were cut.

use std::fmt::Write as _;

use rmcp::ErrorData;
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};

use super::executions::told;
use super::plans::{self, AGENT, WORKFLOW};
use crate::flow::CallError;
use crate::mcp::caller::Caller;
use crate::mcp::resources::not_found;
use crate::mcp::{clean, failure, kept};
use crate::model::{Capability, ExecutionId, PluginName};

const EXECUTION: &str = "execution://";
const PLUGIN: &str = "plugin://";

/// How long a patch may be that is read as a resource, in bytes: whoever reads it asked for the whole.
const LONGEST_PATCH: usize = 1 << 20;

/// Returns the addresses of what can be read of an execution.
pub(in crate::mcp) fn addresses(id: &ExecutionId) -> [String; 2] {
    ["diff", "log"].map(|what| format!("{EXECUTION}{id}/{what}"))
}

/// Returns the execution that an address is of.
pub(in crate::mcp) fn execution_of(uri: &str) -> Option<ExecutionId> {
    let (id, _) = uri.strip_prefix(EXECUTION)?.split_once('/')?;
    id.parse().ok()
}

/// Tells whether an address is one of the host's own.
pub(in crate::mcp) fn is_own_address(uri: &str) -> bool {
    let schemes = [EXECUTION, PLUGIN, AGENT, WORKFLOW, kept::SCHEME];
    schemes.iter().any(|scheme| uri.starts_with(scheme))
}

/// Returns the plugin that an address is about.
pub(in crate::mcp) fn plugin_of(uri: &str) -> Option<PluginName> {
    let (name, _) = uri.strip_prefix(PLUGIN)?.split_once('/')?;
    name.parse().ok()
}

/// Lists them, but for results that were cut: those are named where they were.
pub(in crate::mcp) async fn resources(caller: &Caller) -> Vec<Resource> {
    let mut resources = Vec::new();
    for id in caller.executions() {
        match caller.host.execution_info(&id).await {
            Ok(Some(_)) => {
                let [diff, log] = addresses(&id);
                resources.push(
                    Resource::new(diff, format!("changes of {id}"))
                        .with_description("What this execution changed, as a patch")
                        .with_mime_type("text/x-diff"),
                );
                resources.push(
                    Resource::new(log, format!("checkpoints of {id}"))
                        .with_description("Which calls changed something, one after the other")
                        .with_mime_type("text/plain"),
                );
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "an execution is not listed"),
        }
    }
    for (uri, name) in plans::addresses(caller) {
        resources.push(Resource::new(uri, name).with_mime_type("application/json"));
    }
    let registry = caller.host.registry();
    for plugin in registry.plugins() {
        let name = &plugin.info.name;
        if !caller.may_read(name) {
            continue;
        }
        resources.push(
            Resource::new(format!("{PLUGIN}{name}/readme"), format!("about {name}"))
                .with_description("What this plugin offers, wants and may")
                .with_mime_type("text/markdown"),
        );
    }
    resources
}

/// Lists their patterns.
pub(in crate::mcp) fn templates() -> Vec<ResourceTemplate> {
    let one = |template: &str, name: &str, description: &str| {
        ResourceTemplate::new(template, name).with_description(description)
    };
    vec![
        one(
            "execution://{id}/diff",
            "changes",
            "What an execution of yours changed, as a patch",
        ),
        one(
            "execution://{id}/log",
            "checkpoints",
            "Which calls changed something",
        ),
        one(
            "plugin://{name}/readme",
            "about a plugin",
            "What a plugin offers, wants and may",
        ),
        one("agent://{id}", "an agent", "What an agent is and can call"),
        one(
            "workflow://{id}",
            "a workflow",
            "What a workflow is given, its steps, and what it gives",
        ),
        one(
            "result://{call}",
            "whole result",
            "The whole of a result that was cut",
        ),
    ]
}

/// Reads one of them; none where the address is not the host's own.
pub(in crate::mcp) async fn read(
    caller: &Caller,
    uri: &str,
) -> Option<Result<Vec<ResourceContents>, ErrorData>> {
    if uri.starts_with(kept::SCHEME) {
        let gone = || {
            ErrorData::resource_not_found(
                "this result is not kept any more, or never was: newer ones took its place, others needed the room while you were away, your session ended, or the host was started anew; call the tool again",
                Some(serde_json::json!({ "uri": uri })),
            )
        };
        return Some(caller.kept.read(uri).ok_or_else(gone));
    }
    let (text, mime_type) = if let Some(rest) = uri.strip_prefix(EXECUTION) {
        (execution(caller, rest).await, "text/plain")
    } else if uri.starts_with(AGENT) || uri.starts_with(WORKFLOW) {
        (Ok(plans::read(caller, uri)), "application/json")
    } else {
        let rest = uri.strip_prefix(PLUGIN)?;
        (Ok(readme(caller, rest)), "text/markdown")
    };
    Some(match text {
        Ok(Some(text)) => Ok(vec![
            ResourceContents::text(text, uri).with_mime_type(mime_type),
        ]),
        Ok(None) => Err(not_found(uri)),
        Err(error) => Err(failure::of_request(&error)),
    })
}

async fn execution(caller: &Caller, rest: &str) -> Result<Option<String>, CallError> {
    let Some((id, what)) = rest.split_once('/') else {
        return Ok(None);
    };
    let mut own = caller.executions().into_iter();
    let Some(id) = own.find(|own| own.as_str() == id) else {
        return Ok(None);
    };
    match what {
        "diff" => {
            let diff = caller.host.execution_diff(&id, None, LONGEST_PATCH).await?;
            let diff = diff.unwrap_or_default();
            let cut = if diff.cut { "\nCut: too long.\n" } else { "" };
            Ok(Some(diff.patch + cut))
        }
        "log" => {
            let log = caller.host.execution_log(&id).await?;
            Ok(Some(told(log.as_ref())))
        }
        _ => Ok(None),
    }
}

/// Says what a plugin is, in its own words and in the host's.
fn readme(caller: &Caller, rest: &str) -> Option<String> {
    let name: PluginName = rest.strip_suffix("/readme")?.parse().ok()?;
    let registry = caller.host.registry();
    let plugin = registry.get(&name).filter(|_| caller.may_read(&name))?;
    let info = &plugin.info;
    let description = clean::text(&info.description, clean::LONGEST_DESCRIPTION);
    let line = |said: &str| clean::line(said, clean::LONGEST_DESCRIPTION);
    let mut text = format!(
        "# {name} {}\n\n{description}\n\nAuthor: {}. License: {}.\n",
        info.version,
        line(&info.author),
        line(&info.license)
    );
    if !plugin.tools.is_empty() {
        text.push_str("\n## Tools\n\n");
    }
    for tool in &plugin.tools {
        let said = line(&tool.info.description);
        // Writing into a text does not fail.
        let _ = writeln!(text, "- `{}`: {said}", tool.info.name);
    }
    let wanted: Vec<_> = info
        .capabilities
        .iter()
        .map(Capability::to_string)
        .collect();
    let ceiling = caller.ceiling.as_ref();
    let given = caller.host.given_to(plugin, &caller.execution(), ceiling);
    let given = match &given {
        Ok(given) if caller.is_here() => given.to_string(),
        Ok(given) => given.told_elsewhere(),
        Err(error) if caller.is_here() => format!("cannot be told: {error}"),
        Err(error) => {
            tracing::warn!(%name, %error, "what a plugin is granted cannot be told");
            "cannot be told".to_owned()
        }
    };
    let _ = write!(
        text,
        "\n## Grants\n\nWanted: {}.\n\nGiven now: {given}.\n",
        if wanted.is_empty() {
            "nothing".to_owned()
        } else {
            wanted.join(", ")
        }
    );
    Some(text)
}
