//! A workflow's file.

use std::path::Path;

use super::super::ConfigError;
use super::catalog::CatalogEntry;
use super::fields::{Fields, Source, Warning};
use super::node::{Node, Tree};
use super::{files, step};
use crate::model::{At, Digest, InputSpec, InputType, Mark, OutputSpec, PlanName, Step, Workflow};

/// Steps that a workflow may have; its graph is kept in memory as a whole.
const MOST_STEPS: usize = 10_000;

/// Reads a workflow of a `.parac` folder, with what in its file has no effect.
pub fn read_workflow(
    parac: &Path,
    entry: &CatalogEntry,
) -> Result<(Workflow, Vec<Warning>), ConfigError> {
    let path = &entry.file;
    let mut source = Source {
        path,
        warnings: Vec::new(),
    };
    let start = Mark { line: 1, column: 1 };
    let folder = path.parent().unwrap_or(parac);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    files::named(&source, parac, folder, &name, start)?;
    let (text, Some(node)) = files::read(path)?.unwrap_or_default() else {
        return Err(source.wrong(start, "the file says nothing; a workflow needs `steps:`"));
    };
    let mut top = Fields::new(&source, "the workflow", node)?;
    let (retries, timeout) = settings(&mut source, top.take("settings"))?;
    let inputs = inputs(&mut source, top.take("inputs"))?;
    let mut steps: Vec<Step> = Vec::new();
    for node in top.list("steps") {
        let step = step::read(&mut source, node, retries)?;
        if let Some(first) = steps.iter().find(|one| one.id == step.id) {
            let message = format!(
                "two steps are called {}, the first in line {}; give one of them another `id`",
                step.id, first.mark.line
            );
            return Err(source.wrong(step.mark, message));
        }
        steps.push(step);
    }
    if steps.is_empty() || steps.len() > MOST_STEPS {
        let message = format!(
            "a workflow has from 1 to {MOST_STEPS} steps; this has {}",
            steps.len()
        );
        return Err(source.wrong(top.mark, message));
    }
    let outputs = outputs(&mut source, top.take("outputs"))?;
    let description = top.words(&source, "description")?;
    let version = top.words(&source, "version")?;
    for key in ["name", "id", "metadata", "author", "tags", "category"] {
        drop(top.take(key));
    }
    top.done(&mut source);
    let workflow = Workflow {
        id: entry.name.clone(),
        version,
        description: description.or_else(|| entry.description.clone()),
        inputs,
        steps,
        outputs,
        timeout,
        file: path.clone(),
        digest: Digest::of(text.as_bytes()),
    };
    Ok((workflow, source.warnings))
}

/// Reads how often steps are tried again, and how long all of it may take.
fn settings(
    source: &mut Source<'_>,
    node: Option<Node>,
) -> Result<(u32, Option<u64>), ConfigError> {
    let Some(node) = node else {
        return Ok((0, None));
    };
    let mut fields = Fields::new(source, "`settings`", node)?;
    let again = fields.flag(source, "retry_on_failure")?;
    let most = fields.whole(source, "max_retries", 0..=step::MOST_RETRIES)?;
    let timeout = fields.whole(source, "timeout", 1..=step::LONGEST)?;
    // Whoever runs a workflow says how much is logged.
    drop(fields.words(source, "log_level")?);
    fields.done(source);
    let retries = match again {
        Some(true) => most.unwrap_or(1),
        Some(false) => 0,
        None => most.unwrap_or(0),
    };
    Ok((u32::try_from(retries).unwrap_or(u32::MAX), timeout))
}

fn inputs(source: &mut Source<'_>, node: Option<Node>) -> Result<Vec<InputSpec>, ConfigError> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    let mut inputs = Vec::new();
    for (key, node) in Fields::new(source, "`inputs`", node)?.rest() {
        let name: PlanName = match key.value.parse() {
            Ok(name) => name,
            Err(error) => return Err(source.wrong(key.mark, format!("an input: {error}"))),
        };
        let mut fields = Fields::new(source, &format!("input {name}"), node)?;
        let kind = match fields.text(source, "type")? {
            None => InputType::Any,
            Some(text) => input_type(source, &name, &text)?,
        };
        let default = fields
            .take("default")
            .map(|node| (node.mark, node.value.into_json()));
        let choices = fields
            .list("enum")
            .into_iter()
            .map(|node| node.value.into_json());
        let choices: Vec<_> = choices.collect();
        let required = fields.flag(source, "required")?;
        let input = InputSpec {
            description: fields.words(source, "description")?,
            required: required.unwrap_or(false),
            name,
            kind,
            default: default.as_ref().map(|(_, value)| value.clone()),
            choices,
        };
        fields.done(source);
        if let Some((mark, value)) = &default {
            input.check(value).map_err(|why| {
                source.wrong(*mark, format!("the default of input {}: {why}", input.name))
            })?;
        }
        inputs.push(input);
    }
    Ok(inputs)
}

fn input_type(
    source: &Source<'_>,
    name: &PlanName,
    text: &At<String>,
) -> Result<InputType, ConfigError> {
    match text.value.as_str() {
        "string" | "str" | "text" => Ok(InputType::String),
        "integer" | "int" => Ok(InputType::Integer),
        "number" | "float" => Ok(InputType::Number),
        "boolean" | "bool" => Ok(InputType::Boolean),
        "array" | "list" => Ok(InputType::Array),
        "object" | "dict" | "map" => Ok(InputType::Object),
        "any" => Ok(InputType::Any),
        other => Err(source.wrong(
            text.mark,
            format!(
                "input {name} is of the type {other:?}, which is not known; use string, integer, number, boolean, array, object or any"
            ),
        )),
    }
}

fn outputs(source: &mut Source<'_>, node: Option<Node>) -> Result<Vec<OutputSpec>, ConfigError> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    let mut outputs = Vec::new();
    for (key, node) in Fields::new(source, "`outputs`", node)?.rest() {
        let mark = node.mark;
        let (source_of, description) = match node.value {
            Tree::Text(value) => (At { value, mark }, None),
            value => {
                let of = format!("output {}", key.value);
                let mut fields = Fields::new(source, &of, At { value, mark })?;
                let expression = fields.required(source, "source")?;
                let description = fields.words(source, "description")?;
                drop(fields.words(source, "type")?);
                fields.done(source);
                (expression, description)
            }
        };
        outputs.push(OutputSpec {
            name: key.value,
            source: source_of,
            description,
        });
    }
    Ok(outputs)
}
