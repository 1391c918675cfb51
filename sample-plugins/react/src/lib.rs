//! An adapter: agents that reason and act, in turns between a model and tools.
//!
//! The model sees the tools' schemas, asks for calls, and gets their results back, until it answers without a call.
//! Both go through the host, under this plugin's grants and those of whoever runs the agent.

use paracle_plugin_sdk::adapter::{Adapter, AdapterError, Agent, AgentConfig, AgentResult};
use paracle_plugin_sdk::chat::{
    ChatError, Message, Request, Response, Role, ToolCall, ToolSpec, Usage,
};
use paracle_plugin_sdk::host::{completions, progress, tools};
use paracle_plugin_sdk::output::Content;
use paracle_plugin_sdk::prelude::*;

/// Turns where the agent's configuration says nothing: enough for real work, few enough for a loop to end.
const TURNS: usize = 16;

struct React;

impl Plugin for React {
    const CAPABILITIES: &[Capability] = &[Capability::Completions, Capability::Tools];
    const TAGS: &[&str] = &["agent"];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// What an agent's `config` may hold.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The most times that the model is asked.
    max_turns: usize,
    /// The model's temperature.
    temperature: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_turns: TURNS,
            temperature: Request::TEMPERATURE,
        }
    }
}

impl Adapter for React {
    const FRAMEWORK: &str = "react";
    const FEATURES: &[&str] = &["tools", "multi-turn"];
    type Agent = Reactor;

    fn create_agent(&mut self, config: AgentConfig) -> Result<Reactor, AdapterError> {
        let options = options(&config.config).map_err(|e| AdapterError::InvalidConfig(vec![e]))?;
        // Without tools there is nothing to list, and no need of the grant.
        let available = if config.tools.is_empty() {
            Vec::new()
        } else {
            tools::list()?
        };
        let mut specs = Vec::new();
        for (i, name) in config.tools.iter().enumerate() {
            let Some(tool) = available.iter().find(|tool| tool.name == *name) else {
                let message = format!("there is no tool `{name}` that this plugin may call");
                return Err(AdapterError::InvalidConfig(vec![ConfigProblem::new(
                    format!("/tools/{i}"),
                    message,
                )]));
            };
            specs.push(ToolSpec {
                name: name.clone(),
                description: tool.info.description.clone(),
                parameters: tool.info.parameters.clone(),
            });
        }
        Ok(Reactor {
            config,
            options,
            specs,
        })
    }

    fn validate_agent_config(&self, config: &AgentConfig) -> Result<(), Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        if config.model.is_empty() {
            problems.push(ConfigProblem::new("/model", "an agent needs a model"));
        }
        problems.extend(options(&config.config).err());
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

/// An agent, ready for tasks.
struct Reactor {
    config: AgentConfig,
    options: Options,
    specs: Vec<ToolSpec>,
}

impl Agent for Reactor {
    fn execute(&mut self, task: &str, context: Value) -> Result<AgentResult, AdapterError> {
        let mut messages = vec![Message::text(Role::System, &self.config.role)];
        let context = if context == json!({}) {
            String::new()
        } else {
            format!("\n\nContext: {context}")
        };
        messages.push(Message::text(Role::User, format!("{task}{context}")));
        let (mut used, mut calls) = (Usage::new(0, 0), 0);
        for turn in 0..self.options.max_turns {
            if progress::cancelled() {
                return Err(AdapterError::Cancelled);
            }
            progress::report(turn, Some(self.options.max_turns), "asking the model");
            let answer = self.ask(&messages)?;
            used = Usage::new(
                used.prompt_tokens + answer.usage.prompt_tokens,
                used.completion_tokens + answer.usage.completion_tokens,
            );
            let asked: Vec<ToolCall> = answer.calls().cloned().collect();
            if asked.is_empty() {
                return Ok(AgentResult::done(
                    answer.to_text(),
                    &report(turn + 1, calls, &used),
                ));
            }
            messages.push(Message {
                role: Role::Assistant,
                content: answer.content,
            });
            for call in asked {
                calls += 1;
                messages.push(self.act(&call)?);
            }
        }
        let why = format!("no answer after {} turns", self.options.max_turns);
        let last = messages.last().map(Message::to_text).unwrap_or_default();
        Ok(AgentResult::gave_up(
            last,
            why,
            &report(self.options.max_turns, calls, &used),
        ))
    }
}

impl Reactor {
    /// Asks the model for the next step.
    fn ask(&self, messages: &[Message]) -> Result<Response, AdapterError> {
        let request = Request {
            temperature: self.options.temperature,
            tools: self.specs.clone(),
            ..Request::new(&self.config.model, messages.to_vec())
        };
        let provider = (!self.config.provider.is_empty()).then_some(self.config.provider.as_str());
        completions::complete(provider, &request).map_err(|error| match error {
            ChatError::Permission(denied) => AdapterError::Permission(denied),
            ChatError::Cancelled => AdapterError::Cancelled,
            other => AdapterError::runtime(format!("the model did not answer: {}", other.text())),
        })
    }

    /// Calls a tool. What it refuses or fails at goes back to the model, which may do better the next time.
    fn act(&self, call: &ToolCall) -> Result<Message, AdapterError> {
        if !self.config.tools.contains(&call.name) {
            let text = format!(
                "there is no tool `{}`; there are: {}",
                call.name,
                self.config.tools.join(", ")
            );
            return Ok(Message::outcome(&call.id, text, true));
        }
        let arguments = match serde_json::from_str(&call.arguments) {
            Ok(arguments) => arguments,
            Err(e) => {
                return Ok(Message::outcome(
                    &call.id,
                    format!("the arguments are not JSON: {e}"),
                    true,
                ));
            }
        };
        match tools::call(&call.name, &arguments) {
            Ok(output) => Ok(Message::outcome(&call.id, readable(&output), false)),
            Err(ToolError::Cancelled) => Err(AdapterError::Cancelled),
            Err(error) => Ok(Message::outcome(&call.id, error.text(), true)),
        }
    }
}

/// Writes a tool's output as a model reads it: its texts, or the structured part where there is none.
fn readable(output: &Output) -> String {
    let texts: Vec<&str> = output
        .content
        .iter()
        .filter_map(|part| {
            if let Content::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect();
    if texts.is_empty() {
        output.structured.clone().unwrap_or_default()
    } else {
        texts.join("\n")
    }
}

fn options(json: &str) -> Result<Options, ConfigProblem> {
    serde_json::from_str(if json.is_empty() { "{}" } else { json })
        .map_err(|e| ConfigProblem::new("/config", e.to_string()))
}

fn report(turns: usize, tool_calls: usize, used: &Usage) -> Value {
    json!({ "turns": turns, "tool_calls": tool_calls, "total_tokens": used.total_tokens })
}

paracle_plugin_sdk::export!(adapter: React);
