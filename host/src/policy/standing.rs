//! How a call stands: what each of the three parties says, and what that leaves.

use std::sync::Arc;

use super::authority::Authority;
use super::{ceiling, denial};
use crate::model::{Access, Capability, Denied, Grant, Party, PluginName};
use crate::registry::Plugin;

/// What the plugin declares, what the operator allows and what the caller has itself, and what a call gets of it.
#[derive(Debug, Clone)]
pub struct Standing {
    plugin: Arc<Plugin>,
    operator: Grant,
    earlier: Grant,
    caller: Option<(Above, Grant)>,
    grant: Grant,
}

/// Who calls, where a call may have no more than they have themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Above {
    /// Another plugin.
    Plugin(PluginName),
    /// Whoever's scopes say what they may have.
    Subject(String),
}

/// The person's word beside `plugins.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// What they allow.
    pub given: Grant,
    /// What they allowed when the plugin's bytes or its configuration were other, and do not now.
    pub earlier: Grant,
}

/// What one party says of a need.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Opinion {
    /// Who.
    pub party: Party,
    /// Whether it allows all of the need.
    pub allows: bool,
    /// What it has said, in words.
    pub says: String,
}

impl Standing {
    /// Weighs what the parties say: `word` is the person's beside `plugins.yaml`, and `caller` is who calls, with what
    /// they have themselves, where that is a bound.
    pub fn weigh(plugin: Arc<Plugin>, word: Word, caller: Option<(Above, Grant)>) -> Self {
        let operator = if word.given.is_empty() {
            plugin.grants.clone()
        } else {
            plugin.grants.clone().union(&word.given)
        };
        let mut grant = declared(&plugin, &operator);
        if let Some((_, ceiling)) = &caller {
            grant = ceiling::cut(&grant, ceiling);
        }
        Self {
            plugin,
            operator,
            earlier: word.earlier,
            caller,
            grant,
        }
    }

    /// Leaves of it what a call may have that only looks: no writing anywhere.
    #[must_use]
    pub(super) fn looking(mut self) -> Self {
        let looking = Access::ReadOnly;
        self.grant.workspace = self.grant.workspace.min(looking);
        for rule in &mut self.grant.directories {
            rule.access = rule.access.min(looking);
        }
        self
    }

    /// Returns the plugin.
    pub const fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Returns what the call gets.
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    pub(super) const fn caller(&self) -> Option<&(Above, Grant)> {
        self.caller.as_ref()
    }

    /// Tells whether the person granted something to the plugin as it was, with other bytes or another configuration.
    pub(super) fn allowed_earlier(&self, need: &Grant) -> bool {
        ceiling::covers(&self.earlier, need)
    }

    /// Tells whether the operator allows something; the plugin or the caller may still be in its way.
    pub fn operator_allows(&self, need: &Grant) -> bool {
        ceiling::covers(&self.operator, need)
    }

    /// Returns the refusal of something that the call was not granted, by whose word is missing.
    pub fn refuse(&self, need: Grant) -> Denied {
        denial::of(self, need)
    }

    /// Returns the refusal of a capability, where nothing narrower is known than its name.
    pub fn deny(&self, capability: Capability) -> Denied {
        denial::of_capability(self, capability)
    }

    /// Returns what each party says of a need: the plugin, the operator, and the execution with its caller.
    pub fn explain(&self, need: &Grant) -> [Opinion; 3] {
        let lacking: Vec<&str> = Authority::within(need)
            .map(Authority::capability)
            .filter(|capability| !self.plugin.info.declares(*capability))
            .map(Capability::name)
            .collect();
        let name = &self.plugin.info.name;
        let stateful = !covered_by_kept(&self.plugin, need);
        [
            Opinion {
                party: Party::Plugin,
                allows: lacking.is_empty() && !stateful,
                says: if !lacking.is_empty() {
                    format!("{name} does not declare {}", lacking.join(", "))
                } else if stateful {
                    format!(
                        "{name} keeps its instance between calls, and such plugins have no files and no sockets"
                    )
                } else {
                    format!("{name} declares what it needs for that")
                },
            },
            Opinion {
                party: Party::Operator,
                allows: self.operator_allows(need),
                says: format!("{name} is granted {}", self.operator),
            },
            Opinion {
                party: Party::Execution,
                allows: self
                    .caller
                    .as_ref()
                    .is_none_or(|(_, ceiling)| ceiling::covers(ceiling, need)),
                says: match &self.caller {
                    None => "no other plugin calls, so that nothing is taken away".to_owned(),
                    Some((Above::Subject(subject), ceiling)) => {
                        format!("{subject}, who calls, has scopes for {ceiling}")
                    }
                    Some((Above::Plugin(caller), ceiling)) => {
                        format!("{caller}, which calls, has itself {ceiling}")
                    }
                },
            },
        ]
    }
}

/// Returns what of the operator's word the plugin declares that it wants.
fn declared(plugin: &Plugin, operator: &Grant) -> Grant {
    let mut grant = Authority::within(operator)
        .filter(|authority| plugin.info.declares(authority.capability()))
        .fold(Grant::default(), |grant, authority| {
            grant.union(&authority.part(operator))
        });
    if plugin.info.stateful {
        // A kept instance holds descriptors and sockets from one call to the next: it cannot have what is granted a call at a time.
        grant.workspace = Access::None;
        grant.directories.clear();
        grant.sockets.clear();
    }
    grant
}

/// Tells whether a need can be met by an instance that is kept between calls, or the plugin's is not.
fn covered_by_kept(plugin: &Plugin, need: &Grant) -> bool {
    !plugin.info.stateful || (Authority::Files.part(need).is_empty() && need.sockets.is_empty())
}
