//! An agent at work: a model is asked, the tools that it calls are called, and what they give goes back to it, until it answers
//! without a call.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::answer::beginning;
use super::model::Asked;
use super::toolset::Toolset;
use super::{AgentError, Spent, Wanted};
use crate::flow::{CallError, FailureKind, Host};
use crate::model::chat::{FinishReason, Message, Part, Role, ToolCall};
use crate::model::{
    Agent, At, Call, Caller, ClientLink, Denied, ExecutionId, Grant, Output, PartOf, PluginName,
    Reply, Request, ToolPattern, Verb,
};

/// The longest text of one tool's that a model is given, in bytes; the rest is left out, with a notice.
const LONGEST: usize = 64 << 10;

/// How often a model is told that its answer is not what was asked for.
const MENDS: u32 = 2;

/// What an agent is to do, and for whom.
#[derive(Clone)]
pub struct Task {
    /// Who does it.
    pub agent: Agent,
    /// The only tools of the agent's that it can call; none where it has all of them.
    pub only: Vec<At<String>>,
    /// What it is told.
    pub text: String,
    /// What it is to answer with.
    pub wanted: Wanted,
    /// Where its changes go.
    pub execution: ExecutionId,
    /// Who has it run.
    pub caller: Caller,
    /// What it is part of.
    pub part_of: PartOf,
    /// Ends it from outside.
    pub cancel: CancellationToken,
    /// Whom it tells how far it is, and whose model it may ask.
    pub client: ClientLink,
}

/// What an agent came to.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Done {
    /// What it says.
    pub text: String,
    /// The same as the object that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
    /// What it took.
    pub spent: Spent,
    /// The model that answered.
    pub model: String,
    /// What its tools were refused, each once.
    pub refused: Vec<Denied>,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Task {
    /// Makes a call of the agent's: of a tool that it has, or its provider.
    pub(super) fn call(&self, verb: Verb, provider: Option<&PluginName>) -> Call {
        let tools = match &verb {
            Verb::Tool { path, .. } => vec![ToolPattern::One(path.clone())],
            Verb::Chat { .. }
            | Verb::Models { .. }
            | Verb::Resources { .. }
            | Verb::Read { .. }
            | Verb::Prompt { .. }
            | Verb::Complete { .. } => Vec::new(),
        };
        let caller = Caller::Agent {
            name: self.agent.id.clone(),
            may: Grant {
                tools,
                completions: provider.into_iter().cloned().collect(),
                ..Grant::default()
            },
            of: Box::new(self.caller.clone()),
        };
        let mut call = Call::new(verb, self.execution.clone(), caller);
        call.cancel = self.cancel.child_token();
        call.client = self.client.clone();
        call.part_of = Some(Box::new(PartOf {
            agent: Some(self.agent.id.clone()),
            ..self.part_of.clone()
        }));
        call
    }

    /// Does it.
    pub async fn run(mut self, host: &Arc<Host>) -> Result<Done, AgentError> {
        let cancel = self.cancel.child_token();
        self.cancel = cancel.clone();
        let time = Duration::from_secs(self.agent.limits.time_s);
        let (id, time_s) = (self.agent.id.to_string(), self.agent.limits.time_s);
        // What still runs ends with the agent, however that ends.
        let _ends = cancel.clone().drop_guard();
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(AgentError::Cancelled),
            done = self.turns(host) => done,
            () = tokio::time::sleep(time) => Err(AgentError::Limit {
                agent: id,
                limit: format!("{time_s} s"),
                key: "time_s",
            }),
        }
    }

    async fn turns(&self, host: &Arc<Host>) -> Result<Done, AgentError> {
        let asked = Box::pin(Asked::of(host, self)).await?;
        let tools = Toolset::of(host, &self.agent.tools, &self.only);
        let mut work = Work {
            task: self,
            host,
            refused: Vec::new(),
            spent: Spent::default(),
        };
        let mut messages = self.opening();
        let mut mends = 0;
        loop {
            work.spent.check(&self.agent)?;
            let turn = f64::from(work.spent.turns);
            let told = format!("{}: asking {}", self.agent.id, asked.model());
            self.client
                .progress(turn, Some(f64::from(self.agent.limits.turns)), Some(&told));
            let request = self.request(&asked, &tools, &messages);
            let response = Box::pin(asked.ask(host, self, request)).await?;
            let cost = host
                .cost_of(&response.model, response.usage)
                .or_else(|| host.cost_of(asked.model(), response.usage));
            work.spent.asked(response.usage, cost);
            let calls: Vec<ToolCall> = response.content.iter().filter_map(as_call).collect();
            let text = texts(&response.content);
            messages.push(Message {
                role: Role::Assistant,
                content: response.content,
            });
            if calls.is_empty() {
                let model = response.model;
                let agent = self.agent.id.to_string();
                match response.finish_reason {
                    FinishReason::Length => return Err(AgentError::Cut { agent, model }),
                    FinishReason::ContentFilter => return Err(AgentError::Filtered { model }),
                    FinishReason::Stop | FinishReason::ToolCalls | FinishReason::Error => {}
                }
                match self.wanted.read(&text) {
                    Ok(fields) => return Ok(work.done(text, fields, model, &tools)),
                    Err(why) if mends < MENDS => {
                        mends += 1;
                        let wanted = self.wanted.told().unwrap_or_default();
                        let told =
                            format!("Your answer is not what was asked for: {why}. {wanted}");
                        messages.push(said(Role::User, told));
                    }
                    Err(why) => {
                        return Err(AgentError::Unfit {
                            why,
                            said: beginning(&text),
                        });
                    }
                }
                continue;
            }
            let outcomes = work.act(&tools, calls).await?;
            messages.push(Message {
                role: Role::Tool,
                content: outcomes,
            });
        }
    }

    fn opening(&self) -> Vec<Message> {
        let mut text = self.text.clone();
        if let Some(wanted) = self.wanted.told() {
            text = format!("{text}\n\n{wanted}");
        }
        let instructions = &self.agent.instructions;
        let system = (!instructions.is_empty()).then(|| said(Role::System, instructions.clone()));
        system.into_iter().chain([said(Role::User, text)]).collect()
    }

    fn request(&self, asked: &Asked, tools: &Toolset, messages: &[Message]) -> Request {
        Request {
            model: asked.model().to_owned(),
            messages: messages.to_vec(),
            temperature: self.agent.temperature,
            max_tokens: self.agent.max_tokens,
            stop: Vec::new(),
            stream: false,
            tools: tools.specs.clone(),
            response_schema: self.wanted.schema(),
        }
    }
}

/// One run.
struct Work<'a> {
    task: &'a Task,
    host: &'a Arc<Host>,
    refused: Vec<Denied>,
    spent: Spent,
}

impl Work<'_> {
    /// Makes the calls of one turn, all at once. What fails goes back to the model, which may do better the next time.
    async fn act(
        &mut self,
        tools: &Toolset,
        calls: Vec<ToolCall>,
    ) -> Result<Vec<Part>, AgentError> {
        let count = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        self.spent.calls = self.spent.calls.saturating_add(count);
        let made = calls.into_iter().map(|call| self.make(tools, call));
        let made = join_all(made).await;
        let mut outcomes = Vec::with_capacity(made.len());
        for one in made {
            let (outcome, refused) = one?;
            for denied in refused {
                if !self.refused.contains(&denied) {
                    self.refused.push(denied);
                }
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    async fn make(
        &self,
        tools: &Toolset,
        call: ToolCall,
    ) -> Result<(Part, Vec<Denied>), AgentError> {
        let failed = |content: String| {
            let (id, is_error) = (call.id.clone(), true);
            Part::Outcome {
                id,
                content,
                is_error,
            }
        };
        let Some(path) = tools.get(&call.name) else {
            let names: Vec<&str> = tools.specs.iter().map(|spec| spec.name.as_str()).collect();
            let told = format!(
                "there is no tool {:?}; there are: {}",
                call.name,
                names.join(", ")
            );
            return Ok((failed(told), Vec::new()));
        };
        let arguments = match serde_json::from_str::<Value>(&call.arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                return Ok((
                    failed(format!("the arguments are not JSON: {error}")),
                    Vec::new(),
                ));
            }
        };
        let path = path.clone();
        // Boxed: the line's future is large, and many are held at once.
        let made = Box::pin(
            self.host
                .call(self.task.call(Verb::Tool { path, arguments }, None)),
        );
        match made.await {
            Ok(receipt) => {
                let mut refused = receipt.refused;
                refused.extend(receipt.reply.denied().cloned());
                let outcome = match receipt.reply {
                    Reply::Tool(Ok(output)) => Part::Outcome {
                        id: call.id.clone(),
                        content: readable(&output),
                        is_error: false,
                    },
                    other => failed(other.error().unwrap_or_default()),
                };
                Ok((outcome, refused))
            }
            Err(error) if error.kind() == FailureKind::Cancelled => Err(AgentError::Cancelled),
            Err(CallError::Denied(denied)) => Ok((failed(denied.to_string()), vec![denied])),
            Err(error) => Ok((failed(error.to_string()), Vec::new())),
        }
    }

    fn done(
        self,
        text: String,
        fields: Option<Map<String, Value>>,
        model: String,
        tools: &Toolset,
    ) -> Done {
        let agent = &self.task.agent.id;
        let missing = tools.missing.iter().map(|name| {
            format!("agent {agent} names the tool {name:?}, which no plugin that is loaded has, or more than one")
        });
        Done {
            text,
            fields,
            spent: self.spent,
            model,
            refused: self.refused,
            notes: missing.collect(),
        }
    }
}

fn said(role: Role, text: String) -> Message {
    Message {
        role,
        content: vec![Part::Text { text }],
    }
}

fn as_call(part: &Part) -> Option<ToolCall> {
    match part {
        Part::Call(call) => Some(call.clone()),
        Part::Text { .. } | Part::Image { .. } | Part::Outcome { .. } => None,
    }
}

fn texts(content: &[Part]) -> String {
    let texts = content.iter().filter_map(|part| match part {
        Part::Text { text } => Some(text.as_str()),
        Part::Call(_) | Part::Image { .. } | Part::Outcome { .. } => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Writes a tool's output as a model reads it: its texts, or its structure where there is none.
fn readable(output: &Output) -> String {
    let mut text = output.texts();
    if text.is_empty()
        && let Some(structured) = &output.structured
    {
        text = structured.to_string();
    }
    if text.len() > LONGEST {
        let end = text.floor_char_boundary(LONGEST);
        let left = text.len() - end;
        text.truncate(end);
        let notice = format!("\n[{left} bytes are left out here: ask for less at once]");
        text.push_str(&notice);
    }
    text
}
