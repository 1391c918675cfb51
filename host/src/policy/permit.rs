//! The proof that a call may run, and what with.

use std::sync::Arc;

use super::standing::{Above, Standing, Word};
use super::{ceiling, denial};
use crate::model::{
    Access, Call, Caller, Capability, Denied, DirectoryRule, Grant, LimitName, LimitOrigin, Limits,
    PluginName, ToolPath, ToolPattern, Verb,
};
use crate::registry::{Plugin, Route};

/// A call that may run, with what it was granted.
///
/// Its fields are private, and [`admit`] alone makes one: running without permission does not compile.
///
/// ```compile_fail
/// use paracle_host::policy::{Permit, Standing};
/// fn forge(route: paracle_host::registry::Route, standing: std::sync::Arc<Standing>) -> Permit {
///     Permit { route, standing }
/// }
/// ```
#[derive(Debug)]
pub struct Permit {
    route: Route,
    standing: Arc<Standing>,
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
    pub fn grant(&self) -> &Grant {
        self.standing.grant()
    }

    /// Returns what each party says of the call, for refusals while it runs.
    pub const fn standing(&self) -> &Arc<Standing> {
        &self.standing
    }

    /// Says what is missing to write in a granted directory that the call has for reading; none if it has none there.
    pub fn deny_writing(&self, at: &str) -> Option<Denied> {
        let rules = &self.grant().directories;
        let rule = rules.iter().find(|rule| rule.at == at)?;
        Some(self.standing.refuse(Grant {
            directories: vec![DirectoryRule {
                access: Access::ReadWrite,
                ..rule.clone()
            }],
            ..Grant::default()
        }))
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
        let mut caller = &self.call().caller;
        loop {
            match caller {
                Caller::Person | Caller::Assistant { .. } => return 0,
                Caller::Plugin { depth, .. } => return *depth,
                Caller::Agent { of, .. } => caller = of,
            }
        }
    }
}

/// Decides whether whoever calls may make this call at all. What they may not make uses up no grant.
pub fn check_caller(route: &Route) -> Result<(), Denied> {
    check_by(&route.call().caller, &route.call().verb)
}

fn check_by(caller: &Caller, verb: &Verb) -> Result<(), Denied> {
    match caller {
        Caller::Person | Caller::Assistant { ceiling: None, .. } => Ok(()),
        Caller::Assistant {
            subject,
            ceiling: Some(ceiling),
        } => check_scopes(who(subject.as_ref()), ceiling, verb),
        Caller::Plugin {
            name,
            ceiling,
            depth,
        } => {
            // Before it called, the plugin's own `depth` was asked; this is what the pool is built for.
            if u64::from(*depth) > LimitName::Depth.spec().most {
                return Err(denial::too_deep(name));
            }
            match verb {
                Verb::Tool { path, .. } if !ceiling::covers_tool(ceiling, path) => {
                    Err(denial::tool(name, path))
                }
                Verb::Chat { provider, .. } | Verb::Models { provider }
                    if !ceiling.completions.contains(provider) =>
                {
                    Err(denial::provider(name, provider))
                }
                // No interface of a guest's leads here.
                Verb::Resources { .. }
                | Verb::Read { .. }
                | Verb::Prompt { .. }
                | Verb::Complete { .. } => Err(denial::no_way(name)),
                Verb::Tool { .. } | Verb::Chat { .. } | Verb::Models { .. } => Ok(()),
            }
        }
        Caller::Agent { name, may, of } => {
            check_by(of, verb)?;
            match verb {
                Verb::Tool { path, .. } if !ceiling::covers_tool(may, path) => {
                    Err(denial::agents_tool(name, path))
                }
                Verb::Chat { provider, .. } | Verb::Models { provider }
                    if !may.completions.contains(provider) =>
                {
                    Err(denial::agents_provider(name, provider))
                }
                Verb::Tool { .. }
                | Verb::Chat { .. }
                | Verb::Models { .. }
                | Verb::Resources { .. }
                | Verb::Read { .. }
                | Verb::Prompt { .. }
                | Verb::Complete { .. } => Ok(()),
            }
        }
    }
}

/// Decides whether scopes give a call: a tool has to be named in them, and of what a plugin offers besides, the plugin.
fn check_scopes(subject: &str, ceiling: &Grant, verb: &Verb) -> Result<(), Denied> {
    let whole = |plugin: &PluginName| Grant {
        tools: vec![ToolPattern::Plugin(plugin.clone())],
        ..Grant::default()
    };
    let refused =
        |what: &str, need: &Grant, capability| Err(denial::scope(subject, what, need, capability));
    match verb {
        Verb::Tool { path, .. } => {
            if ceiling::covers_tool(ceiling, path) {
                return Ok(());
            }
            let need = Grant {
                tools: vec![ToolPattern::One(path.clone())],
                ..Grant::default()
            };
            refused(&path.to_string(), &need, Capability::Tools)
        }
        Verb::Chat { provider, .. } | Verb::Models { provider } => {
            if ceiling.completions.contains(provider) {
                return Ok(());
            }
            let need = Grant {
                completions: vec![provider.clone()],
                ..Grant::default()
            };
            refused(provider.as_str(), &need, Capability::Completions)
        }
        Verb::Resources { plugin }
        | Verb::Read { plugin, .. }
        | Verb::Prompt {
            path: ToolPath { plugin, .. },
            ..
        }
        | Verb::Complete { plugin, .. } => {
            if ceiling.tools.iter().any(|pattern| pattern.names(plugin)) {
                return Ok(());
            }
            refused(plugin.as_str(), &whole(plugin), Capability::Tools)
        }
    }
}

/// Returns whom a ceiling is of, in words.
fn who(subject: Option<&String>) -> &str {
    subject.map_or("the caller", String::as_str)
}

/// Decides whether a call may run: declared by the plugin, allowed by the operator (in `plugins.yaml`, or by a `word` beside
/// it), and within what the caller may.
pub fn admit(route: Route, word: Word) -> Result<Permit, Denied> {
    check_caller(&route)?;
    let above = above(&route.call().caller);
    let mut standing = Standing::weigh(route.plugin().clone(), word, above);
    if !route.call().verb.may_write() {
        standing = standing.looking();
    }
    let standing = Arc::new(standing);
    Ok(Permit { route, standing })
}

/// Returns who bounds what a call may do, and by what; none where only the operator's word does.
fn above(caller: &Caller) -> Option<(Above, Grant)> {
    match caller {
        Caller::Person | Caller::Assistant { ceiling: None, .. } => None,
        Caller::Assistant {
            subject,
            ceiling: Some(ceiling),
        } => Some((
            Above::Subject(who(subject.as_ref()).to_owned()),
            ceiling.clone(),
        )),
        Caller::Plugin { name, ceiling, .. } => {
            Some((Above::Plugin(name.clone()), ceiling.clone()))
        }
        // An agent's file says which tools it can call; what they may do is for whoever has it run.
        Caller::Agent { of, .. } => above(of),
    }
}
