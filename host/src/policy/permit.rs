//! The proof that a call may run, and what with.

use std::sync::Arc;

use super::authority::Authority;
use super::denial;
use crate::model::{
    Access, Call, Caller, Capability, Denied, Grant, LimitName, LimitOrigin, Limits, Party,
    ToolPath, ToolPattern, Verb,
};
use crate::registry::{Plugin, Route};

/// A call that may run, with what it was granted.
///
/// Its fields are private, and [`admit`] alone makes one: running without permission does not compile.
///
/// ```compile_fail
/// use paracle_host::policy::Permit;
/// fn forge(route: paracle_host::registry::Route) -> Permit {
///     Permit { route, grant: Default::default() }
/// }
/// ```
#[derive(Debug)]
pub struct Permit {
    route: Route,
    grant: Grant,
}

impl Permit {
    /// Returns the call.
    pub const fn call(&self) -> &Call {
        self.route.call()
    }

    /// Returns the plugin.
    pub const fn plugin(&self) -> &Arc<Plugin> {
        self.route.plugin()
    }

    /// Returns what the call was granted.
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Returns how much the call may take.
    pub fn limits(&self) -> Limits {
        let limits = self.plugin().limits;
        match self.call().time {
            Some(time) => {
                let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                if time < limits.get(LimitName::Time) {
                    limits.with(LimitName::Time, time, LimitOrigin::Caller)
                } else {
                    limits
                }
            }
            None => limits,
        }
    }

    /// Returns how many plugins stand behind the call.
    pub const fn depth(&self) -> u8 {
        match &self.call().caller {
            Caller::Person | Caller::Assistant => 0,
            Caller::Plugin { depth, .. } => *depth,
        }
    }
}

/// Decides whether a call may run: declared by the plugin, allowed by the operator, and within what the caller may.
pub fn admit(route: Route) -> Result<Permit, Denied> {
    let plugin = route.plugin();
    let declared = declared(plugin);
    let operator = &plugin.grants;
    let mut grant = Grant {
        workspace: declared.workspace.min(operator.workspace),
        completions: if declared.completions {
            operator.completions.clone()
        } else {
            Vec::new()
        },
        tools: if declared.tools {
            operator.tools.clone()
        } else {
            Vec::new()
        },
    };
    match &route.call().caller {
        Caller::Person | Caller::Assistant => {}
        Caller::Plugin {
            name,
            ceiling,
            depth,
        } => {
            // Before it called, the plugin's own `depth` was asked; this is what the pool is built for.
            if u64::from(*depth) > LimitName::Depth.spec().most {
                return Err(denial::too_deep(name));
            }
            match &route.call().verb {
                Verb::Tool { path, .. } => {
                    if !covers(ceiling, path) {
                        return Err(denial::tool(name, path));
                    }
                }
                Verb::Chat { provider, .. } | Verb::Models { provider } => {
                    if !ceiling.completions.contains(provider) {
                        return Err(denial::provider(name, provider));
                    }
                }
            }
            grant = ceil(grant, ceiling);
        }
    }
    Ok(Permit { route, grant })
}

/// What a plugin's metadata lets the operator grant.
struct Declared {
    workspace: Access,
    completions: bool,
    tools: bool,
}

fn declared(plugin: &Plugin) -> Declared {
    let mut declared = Declared {
        workspace: Access::None,
        completions: false,
        tools: false,
    };
    for authority in plugin
        .info
        .capabilities
        .iter()
        .filter_map(|capability| Authority::of(*capability))
    {
        match authority {
            // A kept instance holds descriptors from one call to the next: it cannot have a tree that lasts one call.
            Authority::Workspace if plugin.info.stateful => {}
            Authority::Workspace => declared.workspace = Access::ReadWrite,
            Authority::Completions => declared.completions = true,
            Authority::Tools => declared.tools = true,
        }
    }
    declared
}

/// Cuts a grant down to what the caller has itself: a plugin does not gain by calling another.
fn ceil(grant: Grant, ceiling: &Grant) -> Grant {
    let covered = |pattern: &ToolPattern| match pattern {
        ToolPattern::One(path) => covers(ceiling, path),
        ToolPattern::Plugin(_) | ToolPattern::All => {
            ceiling.tools.contains(pattern) || ceiling.tools.contains(&ToolPattern::All)
        }
    };
    Grant {
        workspace: grant.workspace.min(ceiling.workspace),
        completions: grant
            .completions
            .into_iter()
            .filter(|provider| ceiling.completions.contains(provider))
            .collect(),
        tools: grant.tools.into_iter().filter(covered).collect(),
    }
}

fn covers(ceiling: &Grant, path: &ToolPath) -> bool {
    ceiling.tools.iter().any(|pattern| pattern.covers(path))
}

/// Returns who has to speak for a plugin to have a capability that it lacks.
pub(super) fn missing(plugin: &Plugin, capability: Capability) -> Party {
    if plugin.info.declares(capability) {
        Party::Operator
    } else {
        Party::Plugin
    }
}
