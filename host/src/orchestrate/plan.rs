//! A workflow that can run: its graph is whole and has no cycle, and each name in it means something.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::PlanError;
use super::expression;
use crate::config::{Agents, ConfigError, Warning};
use crate::flow::Host;
use crate::model::{Agent, Does, InputType, Mark, PlanName, Step, ToolPath, Workflow};

/// The name under which a step that names no outputs gives what it answered.
pub(super) const RESULT: &str = "result";

/// A workflow that can run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// As its file says it.
    pub workflow: Workflow,
    /// What in its files has no effect.
    pub warnings: Vec<Warning>,
    /// The agents of its steps.
    pub(super) agents: BTreeMap<PlanName, Agent>,
    /// For each step, the places of those that have to be done before.
    pub(super) needs: Vec<Vec<usize>>,
}

impl Plan {
    /// Checks a workflow; what is wrong is told with its place.
    pub(super) fn of(
        host: &Host,
        workflow: Workflow,
        agents: &Agents,
        mut warnings: Vec<Warning>,
    ) -> Result<Self, PlanError> {
        let check = Check {
            workflow: &workflow,
        };
        let mut needs = Vec::with_capacity(workflow.steps.len());
        let mut used = BTreeMap::new();
        for step in &workflow.steps {
            needs.push(check.needs(step)?);
            match &step.does {
                Does::Agent { agent, .. } => {
                    let Some(found) = agents.get(agent.value.as_str()) else {
                        let known = agents.agents.iter().map(|one| one.id.as_str());
                        let message = format!(
                            "step {} names the agent {}, which .parac/agents/manifest.yaml does not list{}",
                            step.id,
                            agent.value,
                            among(known)
                        );
                        return Err(check.wrong(agent.mark, message));
                    };
                    used.insert(found.id.clone(), found.clone());
                }
                Does::Tool(tool) => {
                    let path = tool.value.parse::<ToolPath>();
                    let registry = host.registry();
                    let known = path.as_ref().is_ok_and(|path| {
                        let plugin = registry.get(&path.plugin);
                        plugin.is_some_and(|plugin| plugin.tool(&path.tool).is_some())
                    });
                    if !known {
                        let message = format!(
                            "step {} calls the tool {:?}, which no plugin that is loaded has: it is written `plugin__tool`, and \
                             `paracle-host plugin list` shows the plugins",
                            step.id, tool.value
                        );
                        return Err(check.wrong(tool.mark, message));
                    }
                }
            }
        }
        check.cycle(&needs)?;
        check.outputs()?;
        warnings.extend(agents.warnings.iter().cloned());
        Ok(Self {
            agents: used,
            needs,
            warnings,
            workflow,
        })
    }

    /// Returns the steps in waves: those of one need only those of waves before it.
    pub fn waves(&self) -> Vec<Vec<&Step>> {
        let mut wave_of = vec![0; self.needs.len()];
        let mut changed = true;
        while changed {
            changed = false;
            for (at, needs) in self.needs.iter().enumerate() {
                let after = needs.iter().map(|need| wave_of[*need] + 1).max();
                if let Some(after) = after.filter(|after| *after > wave_of[at]) {
                    wave_of[at] = after;
                    changed = true;
                }
            }
        }
        let count = wave_of.iter().max().map_or(0, |last| last + 1);
        let mut waves = vec![Vec::new(); count];
        for (at, step) in self.workflow.steps.iter().enumerate() {
            waves[wave_of[at]].push(step);
        }
        waves
    }

    /// Returns the steps that a step waits for.
    pub fn needs_of(&self, id: &PlanName) -> Vec<&PlanName> {
        let steps = &self.workflow.steps;
        let at = steps.iter().position(|step| step.id == *id);
        let needs = at.and_then(|at| self.needs.get(at));
        needs
            .into_iter()
            .flatten()
            .filter_map(|need| steps.get(*need).map(|step| &step.id))
            .collect()
    }

    /// Returns the JSON Schema of what it is given.
    pub fn schema(&self) -> Value {
        let properties = self.workflow.inputs.iter().map(|input| {
            let mut schema = Map::new();
            if input.kind != InputType::Any {
                schema.insert("type".to_owned(), input.kind.name().into());
            }
            if let Some(description) = &input.description {
                schema.insert("description".to_owned(), description.as_str().into());
            }
            if let Some(default) = &input.default {
                schema.insert("default".to_owned(), default.clone());
            }
            if !input.choices.is_empty() {
                schema.insert("enum".to_owned(), Value::Array(input.choices.clone()));
            }
            (input.name.to_string(), Value::Object(schema))
        });
        let required = self.workflow.inputs.iter().filter(|input| input.required);
        let required: Vec<&str> = required.map(|input| input.name.as_str()).collect();
        json!({
            "type": "object",
            "properties": properties.collect::<Map<_, _>>(),
            "required": required,
            "additionalProperties": false,
        })
    }

    /// Reads texts as the inputs that they are for; one that is no such thing stays a text, and is refused with it.
    pub fn typed(&self, given: &Map<String, Value>) -> Map<String, Value> {
        let one = |(name, value): (&String, &Value)| {
            let mut inputs = self.workflow.inputs.iter();
            let kind = inputs
                .find(|input| input.name.as_str() == name)
                .map(|one| one.kind);
            let value = match (kind, value) {
                (Some(InputType::String) | None, value) => value.clone(),
                (Some(_), Value::String(text)) => {
                    serde_json::from_str(text).unwrap_or_else(|_| value.clone())
                }
                (Some(_), value) => value.clone(),
            };
            (name.clone(), value)
        };
        given.iter().map(one).collect()
    }

    /// Checks what a workflow is given, and adds what it has where nothing is given.
    pub fn inputs(&self, mut given: Map<String, Value>) -> Result<Map<String, Value>, PlanError> {
        let known = || self.workflow.inputs.iter().map(|input| input.name.as_str());
        let wrong = |message: String| PlanError::Input {
            workflow: self.workflow.id.clone(),
            message,
        };
        if let Some(unknown) = given.keys().find(|key| known().all(|name| name != *key)) {
            return Err(wrong(format!(
                "it has no input {unknown:?}{}",
                among(known())
            )));
        }
        let mut inputs = Map::new();
        for input in &self.workflow.inputs {
            let name = input.name.to_string();
            let value = match given.remove(&name).or_else(|| input.default.clone()) {
                Some(value) => value,
                None if input.required => {
                    let what = input.description.as_deref().unwrap_or("a value");
                    return Err(wrong(format!(
                        "it needs the input {name} ({what}): give `{name}=…`"
                    )));
                }
                // Known, and nothing: what uses it sees that.
                None => Value::Null,
            };
            if !value.is_null() || input.required {
                input
                    .check(&value)
                    .map_err(|why| wrong(format!("input {name}: {why}")))?;
            }
            inputs.insert(name, value);
        }
        Ok(inputs)
    }
}

/// A workflow that is looked at.
struct Check<'a> {
    workflow: &'a Workflow,
}

impl Check<'_> {
    fn wrong(&self, mark: Mark, message: String) -> PlanError {
        PlanError::Config(ConfigError::Content {
            path: self.workflow.file.clone(),
            line: mark.line,
            column: mark.column,
            message,
        })
    }

    fn place(&self, id: &str) -> Option<usize> {
        let steps = &self.workflow.steps;
        steps.iter().position(|step| step.id.as_str() == id)
    }

    /// Finds the steps that a step waits for: those that it depends on, and those whose outputs it uses.
    fn needs(&self, step: &Step) -> Result<Vec<usize>, PlanError> {
        let mut needs = BTreeSet::new();
        for id in &step.depends_on {
            let Some(place) = self.place(id.as_str()) else {
                let message = format!(
                    "step {} depends on {id}, which is no step of this workflow{}",
                    step.id,
                    among(self.ids())
                );
                return Err(self.wrong(step.mark, message));
            };
            needs.insert(place);
        }
        for (key, value) in &step.inputs {
            let mut names = BTreeSet::new();
            let of = format!("input {key} of step {}", step.id);
            expression::names(&value.value, &mut names)
                .map_err(|why| self.wrong(value.mark, format!("{of}: {why}")))?;
            for name in &names {
                needs.extend(self.used(name, &of, value.mark)?);
            }
        }
        Ok(needs.into_iter().collect())
    }

    /// Checks a name that an expression uses; returns the step whose output it is.
    fn used(&self, name: &str, of: &str, mark: Mark) -> Result<Option<usize>, PlanError> {
        let parts: Vec<&str> = name.split('.').collect();
        let wrong = |message: String| Err(self.wrong(mark, format!("{of}: {message}")));
        match parts[..] {
            ["inputs" | "steps"] => Ok(None),
            ["inputs", input, ..] => {
                let known = || self.workflow.inputs.iter().map(|one| one.name.as_str());
                if known().any(|one| one == input) {
                    return Ok(None);
                }
                wrong(format!("there is no input {input:?}{}", among(known())))
            }
            ["steps", id, ref rest @ ..] => {
                let Some(place) = self.place(id) else {
                    let hint = if self.ids().any(|one| one.starts_with(&format!("{id}-"))) {
                        format!("; a name with `-` is written `steps['{id}-…'].outputs`")
                    } else {
                        among(self.ids())
                    };
                    return wrong(format!("there is no step {id:?}{hint}"));
                };
                let declared = self.workflow.steps[place]
                    .outputs
                    .iter()
                    .map(String::as_str);
                let declared: Vec<&str> = match declared.collect::<Vec<_>>() {
                    none if none.is_empty() => vec![RESULT],
                    some => some,
                };
                match *rest {
                    ["outputs", output, ..] if !declared.contains(&output) => {
                        let known = declared.into_iter();
                        wrong(format!(
                            "step {id} has no output {output:?}{}",
                            among(known)
                        ))
                    }
                    _ => Ok(Some(place)),
                }
            }
            _ => wrong(format!(
                "{name:?} is not known here; there are `inputs.NAME` and `steps.ID.outputs.NAME`"
            )),
        }
    }

    fn outputs(&self) -> Result<(), PlanError> {
        for output in &self.workflow.outputs {
            let mut names = BTreeSet::new();
            let of = format!("output {}", output.name);
            let mark = output.source.mark;
            expression::names_of(&output.source.value, &mut names)
                .map_err(|why| self.wrong(mark, format!("{of}: {why}")))?;
            for name in &names {
                self.used(name, &of, mark)?;
            }
        }
        Ok(())
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.workflow.steps.iter().map(|step| step.id.as_str())
    }

    /// Refuses steps that wait for each other.
    fn cycle(&self, needs: &[Vec<usize>]) -> Result<(), PlanError> {
        // Steps with no need that is left go, until none is left that could.
        let mut left: BTreeSet<usize> = (0..needs.len()).collect();
        loop {
            let free: Vec<usize> = left
                .iter()
                .copied()
                .filter(|at| needs[*at].iter().all(|need| !left.contains(need)))
                .collect();
            if free.is_empty() {
                break;
            }
            left.retain(|at| !free.contains(at));
        }
        let Some(first) = left.first().copied() else {
            return Ok(());
        };
        // Each that is left needs another one that is left: whoever follows them comes back.
        let (mut path, mut at) = (vec![first], first);
        let begins = loop {
            let next = needs[at].iter().copied().find(|need| left.contains(need));
            let Some(next) = next else {
                break 0;
            };
            if let Some(begins) = path.iter().position(|before| *before == next) {
                break begins;
            }
            path.push(next);
            at = next;
        };
        let steps = &self.workflow.steps;
        let mut round: Vec<&str> = path[begins..]
            .iter()
            .map(|at| steps[*at].id.as_str())
            .collect();
        round.push(round[0]);
        let message = format!(
            "these steps wait for each other: {}; take away one of their `depends_on`, or an input that uses the other's outputs",
            round.join(" → ")
        );
        Err(self.wrong(steps[path[begins]].mark, message))
    }
}

/// Says what there is.
pub(super) fn among<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    if known.is_empty() {
        "; there is none".to_owned()
    } else {
        format!("; there are: {}", known.join(", "))
    }
}
