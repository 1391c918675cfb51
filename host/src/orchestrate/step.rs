//! One step of a workflow: tried in an execution of its own, as often as it may be, and a commit once it is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::expression;
use super::plan::{Plan, RESULT};
use super::step_error::{LARGEST, StepError};
use super::workflow::{Run, Told};
use super::{Spent, Task, Wanted};
use crate::execution::DoneStep;
use crate::flow::{Host, StepLanded};
use crate::model::{
    Call, CallId, ClientLink, CommitId, Does, ExecutionId, Output, PartOf, Reply, Step, ToolPath,
    Verb,
};

/// How often a step is done again because one beside it changed the same lines.
const CONFLICTS: u32 = 3;

/// A step that is done.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StepDone {
    pub(super) commit: CommitId,
    pub(super) outputs: Map<String, Value>,
    pub(super) spent: Spent,
    pub(super) tries: u32,
    pub(super) notes: Vec<String>,
}

/// What one try came to.
struct Tried {
    outputs: Map<String, Value>,
    spent: Spent,
    model: Option<String>,
    notes: Vec<String>,
}

/// What a step needs of its workflow's run.
pub(super) struct Doing {
    pub(super) host: Arc<Host>,
    pub(super) plan: Arc<Plan>,
    pub(super) run: Arc<Run>,
    pub(super) at: usize,
    /// What its expressions know.
    pub(super) context: Value,
    pub(super) cancel: CancellationToken,
}

impl Doing {
    fn step(&self) -> &Step {
        &self.plan.workflow.steps[self.at]
    }

    /// Does the step, again where that may help.
    pub(super) async fn done(self) -> Result<StepDone, StepError> {
        let inputs = self.inputs()?;
        let (mut count, mut conflicts) = (0, 0);
        loop {
            count += 1;
            let began = Instant::now();
            let error = match self.once(&inputs, count).await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let again = match &error {
                StepError::Conflict { .. } => {
                    conflicts += 1;
                    conflicts <= CONFLICTS
                }
                error => error.may_pass() && count - conflicts <= self.step().retries,
            };
            if !again {
                return Err(error);
            }
            (self.run.tell)(Told::Again {
                step: &self.step().id,
                error: &error.to_string(),
                took: began.elapsed(),
            });
        }
    }

    fn inputs(&self) -> Result<Map<String, Value>, StepError> {
        let inputs = self.step().inputs.iter().map(|(key, value)| {
            match expression::resolve(&value.value, &self.context) {
                Ok(value) => Ok((key.clone(), value)),
                Err(why) => Err(StepError::Input {
                    key: key.clone(),
                    why,
                }),
            }
        });
        inputs.collect()
    }

    /// Tries it once, in an execution of its own, which is gone afterwards.
    async fn once(&self, inputs: &Map<String, Value>, count: u32) -> Result<StepDone, StepError> {
        let own = ExecutionId::generate();
        let base = self.host.begin_step(&self.run.execution, &own).await?;
        let tried = match self.step().timeout {
            None => self.tried(inputs, &own).await,
            Some(seconds) => {
                let patience = Duration::from_secs(seconds);
                match tokio::time::timeout(patience, self.tried(inputs, &own)).await {
                    Ok(tried) => tried,
                    Err(_) => Err(StepError::Late { seconds }),
                }
            }
        };
        let landed = match tried {
            Ok(tried) => self.land(tried, &own, base, count).await,
            Err(error) => Err(error),
        };
        if landed.is_err() {
            self.host.end_step(&own).await?;
        }
        landed
    }

    async fn tried(
        &self,
        inputs: &Map<String, Value>,
        own: &ExecutionId,
    ) -> Result<Tried, StepError> {
        match &self.step().does {
            Does::Agent { agent, .. } => match self.plan.agents.get(&agent.value) {
                Some(found) => {
                    let task = self.task(found.clone(), inputs, own);
                    let done = task.run(&self.host).await?;
                    Ok(self.answered(done))
                }
                None => Err(StepError::Input {
                    key: "agent".to_owned(),
                    why: format!("there is no agent {}", agent.value),
                }),
            },
            Does::Tool(tool) => {
                let path: ToolPath =
                    tool.value
                        .parse()
                        .map_err(|error: crate::model::InvalidName| StepError::Tool {
                            tool: tool.value.clone(),
                            why: error.to_string(),
                        })?;
                let name = path.to_string();
                let arguments = Value::Object(inputs.clone());
                let mut call = Call::new(
                    Verb::Tool { path, arguments },
                    own.clone(),
                    self.run.caller.clone(),
                );
                call.cancel = self.cancel.child_token();
                call.client = self.quiet();
                call.part_of = Some(Box::new(self.part_of()));
                call.time = self.step().timeout.map(Duration::from_secs);
                let receipt = Box::pin(self.host.call(call)).await?;
                let output = match receipt.reply {
                    Reply::Tool(Ok(output)) => output,
                    other => {
                        return Err(StepError::Tool {
                            tool: name,
                            why: other.error().unwrap_or_default(),
                        });
                    }
                };
                Ok(Tried {
                    outputs: self.picked(&output, &name)?,
                    spent: Spent {
                        calls: 1,
                        ..Spent::default()
                    },
                    model: None,
                    notes: receipt.notes,
                })
            }
        }
    }

    fn part_of(&self) -> PartOf {
        PartOf {
            agent: None,
            workflow: Some(self.plan.workflow.id.clone()),
            step: Some(self.step().id.clone()),
        }
    }

    /// Whom the step may ask; how far it is, the workflow tells.
    fn quiet(&self) -> ClientLink {
        self.run.client.clone()
    }

    fn task(
        &self,
        mut agent: crate::model::Agent,
        inputs: &Map<String, Value>,
        own: &ExecutionId,
    ) -> Task {
        let step = self.step();
        let mut only = Vec::new();
        if let Does::Agent {
            model,
            temperature,
            tools,
            ..
        } = &step.does
        {
            agent.model = model.clone().or(agent.model);
            agent.temperature = temperature.unwrap_or(agent.temperature);
            only.clone_from(tools);
        }
        if let Some(seconds) = step.timeout {
            agent.limits.time_s = agent.limits.time_s.min(seconds);
        }
        let wanted = match &step.outputs[..] {
            [] | [_] => Wanted::Text,
            several => Wanted::Fields(several.to_vec()),
        };
        Task {
            agent,
            only,
            text: told(step, inputs),
            wanted,
            execution: own.clone(),
            caller: self.run.caller.clone(),
            part_of: self.part_of(),
            cancel: self.cancel.child_token(),
            client: self.quiet(),
        }
    }

    fn answered(&self, done: super::Done) -> Tried {
        let mut outputs = done.fields.unwrap_or_default();
        if let [one] = &self.step().outputs[..] {
            outputs.insert(one.clone(), Value::String(done.text.clone()));
        }
        let refused = done.refused.iter().map(ToString::to_string);
        let notes = done.notes.into_iter().chain(refused).collect();
        if self.step().outputs.is_empty() {
            outputs.insert(RESULT.to_owned(), Value::String(done.text));
        }
        Tried {
            outputs,
            spent: done.spent,
            model: Some(done.model),
            notes,
        }
    }

    /// Picks what the step gives from what its tool answered.
    fn picked(&self, output: &Output, tool: &str) -> Result<Map<String, Value>, StepError> {
        let text = Value::String(output.texts());
        let structured = output.structured.as_ref();
        let mut picked = Map::new();
        for name in &self.step().outputs {
            let value = match (structured.and_then(|value| value.get(name)), structured) {
                (Some(value), _) => value.clone(),
                (None, None) if self.step().outputs.len() == 1 => text.clone(),
                (None, structured) => {
                    let keys = structured.and_then(Value::as_object);
                    let gave = keys.into_iter().flat_map(Map::keys).cloned();
                    return Err(StepError::NoOutput {
                        name: name.clone(),
                        tool: tool.to_owned(),
                        gave: gave.collect(),
                    });
                }
            };
            picked.insert(name.clone(), value);
        }
        if picked.is_empty() {
            picked.insert(RESULT.to_owned(), structured.cloned().unwrap_or(text));
        }
        Ok(picked)
    }

    async fn land(
        &self,
        tried: Tried,
        own: &ExecutionId,
        base: CommitId,
        count: u32,
    ) -> Result<StepDone, StepError> {
        let outputs = Value::Object(tried.outputs.clone()).to_string();
        if outputs.len() > LARGEST {
            return Err(StepError::TooLarge {
                size: outputs.len(),
            });
        }
        let (step, spent) = (self.step(), &tried.spent);
        let mut trailers = Vec::new();
        let mut trailer = |key: &str, value: String| trailers.push((key.to_owned(), value));
        trailer("Paracle-Execution", self.run.execution.to_string());
        trailer("Paracle-Workflow", self.plan.workflow.id.to_string());
        trailer(super::workflow::STEP, step.id.to_string());
        match &step.does {
            Does::Agent { agent, .. } => trailer("Paracle-Agent", agent.value.to_string()),
            Does::Tool(tool) => trailer("Paracle-Tool", tool.value.clone()),
        }
        if let Some(model) = &tried.model {
            trailer("Paracle-Model", model.clone());
            trailer(
                "Paracle-Tokens",
                format!(
                    "{} read, {} written",
                    spent.prompt_tokens, spent.completion_tokens
                ),
            );
            let cost = spent
                .cost
                .map_or_else(|| "not known".to_owned(), |cost| format!("{cost:.6} USD"));
            trailer("Paracle-Cost", cost);
        }
        if let Ok(text) = serde_json::to_string(spent) {
            trailer(super::workflow::SPENT, text);
        }
        trailer(super::workflow::OUTPUTS, outputs);
        let landed = self
            .host
            .land_step(DoneStep {
                of: self.run.execution.clone(),
                own: own.clone(),
                base,
                call: CallId::generate(),
                message: format!("[{}] {}: {}", self.run.execution, step.id, step.name),
                trailers,
            })
            .await?;
        match landed {
            StepLanded::Committed(commit) => Ok(StepDone {
                commit,
                outputs: tried.outputs,
                spent: tried.spent,
                tries: count,
                notes: tried.notes,
            }),
            StepLanded::Conflict { paths } => Err(StepError::Conflict { paths }),
        }
    }
}

/// Says to an agent what its step is.
fn told(step: &Step, inputs: &Map<String, Value>) -> String {
    let mut text = match &step.description {
        Some(description) if step.name != step.id.as_str() => {
            format!("{}: {description}", step.name)
        }
        Some(description) => description.clone(),
        None => step.name.clone(),
    };
    if !inputs.is_empty() {
        text.push_str("\n\nWhat you are given:");
    }
    for (key, value) in inputs {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.extend(["\n- ", key, ": ", &value]);
    }
    text
}
