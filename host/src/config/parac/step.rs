//! One step of a workflow's file.

use super::super::ConfigError;
use super::fields::{Fields, Source};
use super::node::{Node, Tree};
use crate::model::{At, Does, OnFailure, PlanName, Step};

/// Tries again that a file may ask for.
pub(super) const MOST_RETRIES: u64 = 100;
/// Seconds that a file may ask for: a week.
pub(super) const LONGEST: u64 = 604_800;

/// Reads a step; `retries` is how often it is tried again where it does not say.
pub(super) fn read(source: &mut Source<'_>, node: Node, retries: u32) -> Result<Step, ConfigError> {
    let mut fields = Fields::new(source, "a step", node)?;
    let id: At<PlanName> = fields.required(source, "id")?;
    fields.of = format!("step {}", id.value);
    let name = fields.words(source, "name")?;
    let does = does(source, &mut fields)?;
    let mut depends_on = Vec::new();
    for name in fields.names(source, "depends_on")? {
        match name.value.parse() {
            Ok(step) => depends_on.push(step),
            Err(error) => {
                let message = format!("`depends_on` of {}: {error}", fields.of);
                return Err(source.wrong(name.mark, message));
            }
        }
    }
    let inputs = match fields.take("inputs") {
        None => Vec::new(),
        Some(node) => Fields::new(source, &format!("`inputs` of {}", fields.of), node)?
            .rest()
            .into_iter()
            .map(|(key, node)| {
                let mark = node.mark;
                let value = node.value.into_json();
                (key.value, At { value, mark })
            })
            .collect(),
    };
    let outputs = outputs(source, &mut fields)?;
    let own = fields.whole(source, "retries", 0..=MOST_RETRIES)?;
    let timeout = fields.whole(source, "timeout", 1..=LONGEST)?;
    let on_failure = match fields.text(source, "on_failure")? {
        None => OnFailure::default(),
        Some(text) => match text.value.as_str() {
            "stop" | "fail" => OnFailure::Stop,
            "continue" => OnFailure::Continue,
            _ => {
                let message = format!(
                    "`on_failure` of {} is {:?}; here belongs `stop` or `continue`",
                    fields.of, text.value
                );
                return Err(source.wrong(text.mark, message));
            }
        },
    };
    let step = Step {
        name: name.unwrap_or_else(|| id.value.to_string()),
        id: id.value,
        description: fields.words(source, "description")?,
        does,
        depends_on,
        inputs,
        outputs,
        retries: own.map_or(retries, |own| u32::try_from(own).unwrap_or(u32::MAX)),
        timeout,
        on_failure,
        mark: fields.mark,
    };
    drop(fields.take("metadata"));
    fields.done(source);
    Ok(step)
}

/// Reads who does a step: an agent, or a tool.
fn does(source: &mut Source<'_>, fields: &mut Fields) -> Result<Does, ConfigError> {
    let agent = fields.name(source, "agent")?;
    let tool = fields.text(source, "tool")?;
    let tools = fields.names(source, "tools")?;
    let (mut model, mut temperature) = (None, None);
    if let Some(node) = fields.take("config") {
        let mut config = Fields::new(source, &format!("`config` of {}", fields.of), node)?;
        model = config.words(source, "model")?;
        temperature = config.number(source, "temperature", 0.0..=2.0)?;
        config.done(source);
    }
    match (agent, tool) {
        (Some(agent), None) => Ok(Does::Agent {
            agent,
            model,
            temperature,
            tools,
        }),
        (None, Some(tool)) => {
            if let Some(other) = tools.first() {
                let message = format!(
                    "{} calls the tool {} itself; `tools` is what an agent can call: take it away, or name an `agent`",
                    fields.of, tool.value
                );
                return Err(source.wrong(other.mark, message));
            }
            Ok(Does::Tool(tool))
        }
        (Some(_), Some(tool)) => {
            let message = format!(
                "{} names an agent and a tool; keep one of the two",
                fields.of
            );
            Err(source.wrong(tool.mark, message))
        }
        (None, None) => {
            let message = format!(
                "{} does not say who does it; add `agent: NAME` or `tool: PLUGIN__TOOL`",
                fields.of
            );
            Err(source.wrong(fields.mark, message))
        }
    }
}

/// Reads the names of what a step gives: a list of them, or a map whose keys they are.
fn outputs(source: &mut Source<'_>, fields: &mut Fields) -> Result<Vec<String>, ConfigError> {
    match fields.take("outputs") {
        None => Ok(Vec::new()),
        Some(
            node @ Node {
                value: Tree::Map(_),
                ..
            },
        ) => Ok(
            Fields::new(source, &format!("`outputs` of {}", fields.of), node)?
                .rest()
                .into_iter()
                .map(|(key, _)| key.value)
                .collect(),
        ),
        Some(Node {
            value: Tree::List(items),
            mark,
        }) => {
            let mut names = Vec::new();
            for item in items {
                match item.value {
                    Tree::Text(name) => names.push(name),
                    Tree::Map(entries) => {
                        match entries.into_iter().find(|one| one.0.value == "name") {
                            Some((
                                _,
                                Node {
                                    value: Tree::Text(name),
                                    ..
                                },
                            )) => names.push(name),
                            _ => return Err(source.wrong(item.mark, "an output needs a `name`")),
                        }
                    }
                    Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::List(_) => {
                        let message = format!("`outputs` of {} is a list of names", fields.of);
                        return Err(source.wrong(mark, message));
                    }
                }
            }
            Ok(names)
        }
        Some(other) => {
            let message = format!(
                "`outputs` of {} is {}; here belongs a list of names",
                fields.of,
                other.value.told()
            );
            Err(source.wrong(other.mark, message))
        }
    }
}
