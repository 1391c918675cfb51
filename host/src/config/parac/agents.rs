//! `.parac/agents/manifest.yaml`.

use std::path::Path;

use super::super::{ConfigError, files as all_files};
use super::fields::{Fields, Source, Warning};
use super::files;
use super::node::Node;
use crate::model::{Agent, AgentLimits, At, PlanName};

/// The temperature where nobody says another.
const TEMPERATURE: f64 = 0.7;

/// The agents of a repository.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Agents {
    /// In the manifest's order.
    pub agents: Vec<Agent>,
    /// What in the manifest has no effect.
    pub warnings: Vec<Warning>,
}

impl Agents {
    /// Returns an agent.
    pub fn get(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id.as_str() == id)
    }
}

/// What agents have where they say nothing else.
struct Defaults {
    provider: Option<String>,
    model: Option<String>,
    temperature: f64,
    max_tokens: Option<u32>,
    limits: AgentLimits,
}

/// Reads the agents of a `.parac` folder; none where there is no manifest.
pub fn read_agents(parac: &Path) -> Result<Agents, ConfigError> {
    let folder = parac.join("agents");
    let path = folder.join("manifest.yaml");
    let Some((_, Some(node))) = files::read(&path)? else {
        return Ok(Agents::default());
    };
    let mut source = Source {
        path: &path,
        warnings: Vec::new(),
    };
    let mut top = Fields::new(&source, "the manifest", node)?;
    let defaults = defaults(&mut source, top.take("defaults"))?;
    let mut agents: Vec<Agent> = Vec::new();
    for entry in top.list("agents") {
        let agent = agent(&mut source, parac, &folder, entry, &defaults)?;
        if let Some(first) = agents.iter().find(|one| one.id == agent.id) {
            let message = format!(
                "agent {} is listed twice, first in line {}; keep one of the two",
                agent.id, first.mark.line
            );
            return Err(source.wrong(agent.mark, message));
        }
        agents.push(agent);
    }
    // Who wrote the manifest, and when: for people.
    for key in [
        "version",
        "schema_version",
        "metadata",
        "description",
        "name",
    ] {
        drop(top.take(key));
    }
    top.done(&mut source);
    Ok(Agents {
        agents,
        warnings: source.warnings,
    })
}

fn defaults(source: &mut Source<'_>, node: Option<Node>) -> Result<Defaults, ConfigError> {
    let mut defaults = Defaults {
        provider: None,
        model: None,
        temperature: TEMPERATURE,
        max_tokens: None,
        limits: AgentLimits::DEFAULT,
    };
    if let Some(node) = node {
        let mut fields = Fields::new(source, "`defaults`", node)?;
        model_of(source, &mut fields, &mut defaults)?;
        fields.done(source);
    }
    Ok(defaults)
}

/// Reads what `defaults` and an agent can both say.
fn model_of(
    source: &mut Source<'_>,
    fields: &mut Fields,
    into: &mut Defaults,
) -> Result<(), ConfigError> {
    if let Some(provider) = fields.words(source, "provider")? {
        into.provider = Some(provider);
    }
    if let Some(model) = fields.words(source, "model")? {
        into.model = Some(model);
    }
    if let Some(temperature) = fields.number(source, "temperature", 0.0..=2.0)? {
        into.temperature = temperature;
    }
    if let Some(most) = fields.whole(source, "max_tokens", 1..=u64::from(u32::MAX))? {
        into.max_tokens = u32::try_from(most).ok();
    }
    if let Some(node) = fields.take("limits") {
        let of = format!("`limits` of {}", fields.of);
        let mut fields = Fields::new(source, &of, node)?;
        let limits = &mut into.limits;
        if let Some(turns) = fields.whole(source, "turns", 1..=10_000)? {
            limits.turns = u32::try_from(turns).unwrap_or(u32::MAX);
        }
        if let Some(tokens) = fields.whole(source, "tokens", 1..=u64::MAX)? {
            limits.tokens = tokens;
        }
        if let Some(cost) = fields.number(source, "cost", 0.0..=f64::MAX)? {
            limits.cost = Some(cost);
        }
        if let Some(time) = fields.whole(source, "time_s", 1..=86_400)? {
            limits.time_s = time;
        }
        fields.done(source);
    }
    Ok(())
}

fn agent(
    source: &mut Source<'_>,
    parac: &Path,
    folder: &Path,
    node: Node,
    defaults: &Defaults,
) -> Result<Agent, ConfigError> {
    let mut fields = Fields::new(source, "an agent", node)?;
    let id: At<PlanName> = fields.required(source, "id")?;
    fields.of = format!("agent {}", id.value);
    let mut own = Defaults {
        provider: defaults.provider.clone(),
        model: defaults.model.clone(),
        ..*defaults
    };
    model_of(source, &mut fields, &mut own)?;
    let name = fields.words(source, "name")?;
    let role = fields.words(source, "role")?;
    let description = fields.words(source, "description")?;
    let instructions = match fields.text(source, "spec_file")? {
        Some(spec) => {
            let path = files::named(source, parac, folder, &spec.value, spec.mark)?;
            all_files::read_text_of(&path)?.unwrap_or_default()
        }
        None => [role.as_deref(), description.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n\n"),
    };
    let tools = fields.names(source, "tools")?;
    let skills = fields.names(source, "skills")?;
    let mark = fields.mark;
    fields.done(source);
    Ok(Agent {
        name: name.unwrap_or_else(|| id.value.to_string()),
        id: id.value,
        role,
        description,
        instructions,
        provider: own.provider,
        model: own.model,
        temperature: own.temperature,
        max_tokens: own.max_tokens,
        tools,
        skills: skills.into_iter().map(|skill| skill.value).collect(),
        limits: own.limits,
        mark,
    })
}
