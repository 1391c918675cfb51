//! Refusals that teach: what was missing, whose word, and the line to add.

use super::authority::Authority;
use super::permit::missing;
use crate::model::{Capability, Denied, LimitName, Party, PluginName, ToolPath};
use crate::registry::Plugin;

const FILE: &str = ".parac/config/plugins.yaml";

/// Returns the refusal of a capability that a plugin does not have.
pub fn deny(plugin: &Plugin, capability: Capability) -> Denied {
    let name = &plugin.info.name;
    let missing = missing(plugin, capability);
    let (message, fix) = match missing {
        Party::Plugin => (
            format!("{name} asked for {capability}, which its metadata does not declare"),
            format!("its author has to declare `{capability}` before anybody can grant it"),
        ),
        Party::Operator | Party::Execution => (
            format!("{name} was not granted {capability}"),
            match Authority::of(capability).map(Authority::line) {
                Some(line) => {
                    format!("to allow it, add `{line}` under `grants:` of {name} in {FILE}")
                }
                None => format!("no host grants `{capability}` in this version"),
            },
        ),
    };
    Denied {
        capability,
        missing,
        message,
        fix,
    }
}

/// Returns the refusal for a component that is only asked who it is.
pub fn deny_unknown(capability: Capability, plugin: &str) -> Denied {
    Denied {
        capability,
        missing: Party::Execution,
        message: format!("{plugin} asked for {capability} before it was loaded"),
        fix: "metadata, configuration and health are answered with nothing granted".to_owned(),
    }
}

/// Returns the refusal of a workspace that a plugin has and its caller has not.
pub(super) fn caller_lacks(plugin: &Plugin, caller: &PluginName) -> Denied {
    let name = &plugin.info.name;
    Denied {
        capability: Capability::FileAccess,
        missing: Party::Execution,
        message: format!(
            "{name} gets no more of the workspace than {caller}, which called it, has itself"
        ),
        fix: format!(
            "to allow it, add `{}` under `grants:` of {caller} in {FILE}",
            Authority::Workspace.line()
        ),
    }
}

pub(super) fn tool(caller: &PluginName, path: &ToolPath) -> Denied {
    Denied {
        capability: Capability::Tools,
        missing: Party::Operator,
        message: format!("{caller} may not call {path}"),
        fix: format!("to allow it, add `tools: [{path}]` under `grants:` of {caller} in {FILE}"),
    }
}

pub(super) fn provider(caller: &PluginName, provider: &PluginName) -> Denied {
    Denied {
        capability: Capability::Completions,
        missing: Party::Operator,
        message: format!("{caller} may not ask {provider}"),
        fix: format!(
            "to allow it, add `completions: [{provider}]` under `grants:` of {caller} in {FILE}"
        ),
    }
}

pub(super) fn too_deep(caller: &PluginName) -> Denied {
    Denied {
        capability: Capability::Tools,
        missing: Party::Execution,
        message: format!(
            "{caller} called deeper than {} plugins",
            LimitName::Depth.spec().most
        ),
        fix: "plugins that call each other in a circle have to stop by themselves".to_owned(),
    }
}
