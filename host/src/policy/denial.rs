//! Refusals that teach: what was missing, whose word, and the line to add.

use super::authority::Authority;
use super::ceiling;
use super::standing::{Above, Standing};
use crate::model::{
    Access, Capability, Denied, Grant, LimitName, Need, Party, PlanName, PluginName, ToolPath,
    ToolPattern,
};

const FILE: &str = ".parac/config/plugins.yaml";
const SCOPES: &str = ".parac/config/mcp.yaml";
const AGENTS: &str = ".parac/agents/manifest.yaml";

/// Returns the refusal of a need, by the first of the three parties whose word is missing.
pub(super) fn of(standing: &Standing, need: Grant) -> Denied {
    let plugin = standing.plugin();
    let name = &plugin.info.name;
    let Some(authority) = Authority::within(&need).next() else {
        return of_capability(standing, Capability::FileAccess);
    };
    let capability = authority.capability();
    if !plugin.info.declares(capability) {
        return undeclared(name, capability);
    }
    if let Some((caller, has)) = standing.caller()
        && !ceiling::covers(has, &need)
    {
        let what = wanted(&need, "the workspace");
        let (message, fix) = match caller {
            Above::Plugin(caller) => (
                format!("{name} gets no more of {what} than {caller}, which called it, has itself"),
                fix(caller, &need),
            ),
            Above::Subject(subject) => (
                format!("{name} gets no more of {what} than the scopes of {subject} give"),
                scope_fix(&need),
            ),
        };
        return Denied {
            capability,
            missing: Party::Execution,
            message,
            fix,
            needs: None,
        };
    }
    let fix = if ceiling::covers(&plugin.outside, &need) {
        format!(
            "{FILE} grants it, and nobody approved that on this machine for the plugin and its `config:` as they are now: look \
             at both, then run `paracle-host grant trust {name}`"
        )
    } else if standing.allowed_earlier(&need) {
        format!(
            "it was granted when the plugin's bytes or its `config:` were other: look at both, and if it is to count for them as \
             they are now run `paracle-host grant trust {name} --move-grants`"
        )
    } else {
        fix(name, &need)
    };
    Denied {
        capability,
        missing: Party::Operator,
        message: format!(
            "{name} was not granted {}",
            wanted(&need, Capability::FileAccess.name())
        ),
        fix,
        needs: Some(Box::new(Need {
            plugin: name.clone(),
            grant: need,
        })),
    }
}

/// Returns the refusal of a capability, where nothing narrower is known than its name.
pub(super) fn of_capability(standing: &Standing, capability: Capability) -> Denied {
    let plugin = standing.plugin();
    let name = &plugin.info.name;
    if !plugin.info.declares(capability) {
        return undeclared(name, capability);
    }
    let Some(authority) = Authority::of(capability) else {
        return Denied {
            capability,
            missing: Party::Operator,
            message: format!("{name} was not granted {capability}"),
            fix: format!("no host grants `{capability}` in this version"),
            needs: None,
        };
    };
    match authority {
        Authority::Files => {
            let need = Grant {
                workspace: Access::ReadWrite,
                ..Grant::default()
            };
            let denied = of(standing, need);
            let reads = standing.grant().workspace == Access::ReadOnly;
            Denied {
                capability,
                message: if reads && denied.missing == Party::Operator {
                    format!("{name} was granted the workspace read-only, and asked to write there")
                } else {
                    denied.message
                },
                ..denied
            }
        }
        // There is one way to grant it, which can be asked for.
        Authority::Ask => of(
            standing,
            Grant {
                ask: true,
                ..Grant::default()
            },
        ),
        Authority::Network | Authority::Completions | Authority::Tools | Authority::Secrets => {
            Denied {
                capability,
                missing: Party::Operator,
                message: format!("{name} was not granted {capability}"),
                fix: format!(
                    "to allow it, add `{}` under `grants:` of {name} in {FILE}",
                    authority.line()
                ),
                needs: None,
            }
        }
    }
}

fn undeclared(name: &PluginName, capability: Capability) -> Denied {
    Denied {
        capability,
        missing: Party::Plugin,
        message: format!("{name} asked for {capability}, which its metadata does not declare"),
        fix: format!("its author has to declare `{capability}` before anybody can grant it"),
        needs: None,
    }
}

/// Returns what is needed, in words.
fn wanted(need: &Grant, workspace: &str) -> String {
    let entries: Vec<String> = need
        .entries()
        .into_iter()
        .map(|(key, value)| match key {
            "workspace" => workspace.to_owned(),
            "ask" => "questions to whoever calls it".to_owned(),
            key => format!("{key} {value}"),
        })
        .collect();
    entries.join(" and ")
}

/// Returns what a person does to grant it: a line of the project's file for what stays in the repository, a command for what
/// reaches beyond.
fn fix(name: &PluginName, need: &Grant) -> String {
    let (inside, outside) = need.clone().split();
    if outside.is_empty() {
        format!(
            "to allow it, add {} under `grants:` of {name} in {FILE}",
            lines(&inside)
        )
    } else {
        format!("to allow it, run `{}`", command(name, need))
    }
}

/// Returns a need as lines of a grant.
fn lines(need: &Grant) -> String {
    let lines: Vec<String> = need
        .entries()
        .into_iter()
        .map(|(key, value)| match key {
            "workspace" | "ask" => format!("`{key}: {value}`"),
            key => format!("`{key}: [{value}]`"),
        })
        .collect();
    lines.join(" and ")
}

/// Returns what the operator does so that a caller's scopes give it.
fn scope_fix(need: &Grant) -> String {
    format!(
        "to allow it, add {} to a scope of theirs, under `scopes:` in {SCOPES}",
        lines(need)
    )
}

/// Returns the command that grants a need.
pub fn command(name: &PluginName, need: &Grant) -> String {
    let mut words = vec![format!("paracle-host grant add {name}")];
    for (key, value) in need.entries() {
        words.push(match key {
            "ask" => format!("--{key}"),
            key => format!("--{key} {}", quoted(&value)),
        });
    }
    words.join(" ")
}

/// Quotes a word for a shell, where it needs it.
pub fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@,+%".contains(&b);
    if word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Returns the refusal for a component that is only asked who it is.
pub fn deny_unknown(capability: Capability, plugin: &str) -> Denied {
    Denied {
        capability,
        missing: Party::Execution,
        message: format!("{plugin} asked for {capability} before it was loaded"),
        fix: "metadata, configuration and health are answered with nothing granted".to_owned(),
        needs: None,
    }
}

pub(super) fn tool(caller: &PluginName, path: &ToolPath) -> Denied {
    denied(
        caller,
        format!("{caller} may not call {path}"),
        &Grant {
            tools: vec![ToolPattern::One(path.clone())],
            ..Grant::default()
        },
        Capability::Tools,
    )
}

/// Returns the refusal of a plugin that a caller's scopes do not name.
pub(super) fn scope(subject: &str, what: &str, need: &Grant, capability: Capability) -> Denied {
    Denied {
        capability,
        missing: Party::Execution,
        message: format!("the scopes of {subject} do not give {what}"),
        fix: scope_fix(need),
        needs: None,
    }
}

/// Refuses a tool that an agent's file does not give it.
pub(super) fn agents_tool(agent: &PlanName, path: &ToolPath) -> Denied {
    agents(
        agent,
        &format!("call {path}"),
        Capability::Tools,
        &format!("add `{path}` to the `tools:` of {agent}"),
    )
}

/// Refuses a provider that an agent's file does not name.
pub(super) fn agents_provider(agent: &PlanName, provider: &PluginName) -> Denied {
    agents(
        agent,
        &format!("ask {provider}"),
        Capability::Completions,
        &format!("name `provider: {provider}` for {agent}"),
    )
}

fn agents(agent: &PlanName, what: &str, capability: Capability, mend: &str) -> Denied {
    Denied {
        capability,
        missing: Party::Execution,
        message: format!("the agent {agent} may not {what}: its file does not say that it can"),
        fix: format!("{mend} in {AGENTS}"),
        needs: None,
    }
}

pub(super) fn provider(caller: &PluginName, provider: &PluginName) -> Denied {
    denied(
        caller,
        format!("{caller} may not ask {provider}"),
        &Grant {
            completions: vec![provider.clone()],
            ..Grant::default()
        },
        Capability::Completions,
    )
}

fn denied(name: &PluginName, message: String, need: &Grant, capability: Capability) -> Denied {
    Denied {
        capability,
        missing: Party::Operator,
        message,
        fix: fix(name, need),
        needs: Some(Box::new(Need {
            plugin: name.clone(),
            grant: need.clone(),
        })),
    }
}

/// Returns the refusal of what plugins cannot do to each other.
pub(super) fn no_way(caller: &PluginName) -> Denied {
    Denied {
        capability: Capability::Tools,
        missing: Party::Execution,
        message: format!("{caller} asked for another plugin's resources or prompts"),
        fix: "plugins call each other's tools alone".to_owned(),
        needs: None,
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
        needs: None,
    }
}
