//! A provider: a language model that follows a script from its configuration.
//!
//! Which line answers depends on the conversation alone, so every call may meet a fresh instance.

use paracle_plugin_sdk::chat::{
    ChatError, Chunk, ChunkEnd, FinishReason, Message, ModelInfo, Part, Request, Response, Role,
    ToolCall, Usage,
};
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::provider::{Chunks, Provider};

/// The script.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Script {
    /// The models to offer.
    #[serde(default = "default_models")]
    models: Vec<String>,
    /// The first line that fits the conversation answers it.
    #[serde(default)]
    turns: Vec<Turn>,
    /// What is said where no line fits.
    #[serde(default = "default_answer")]
    otherwise: String,
}

/// One line of the script.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// Fits if the last message from the user or a tool contains this text.
    when: Option<String>,
    /// Fits if the assistant has spoken this many times before.
    at: Option<usize>,
    /// What the model says.
    #[serde(default)]
    say: String,
    /// Which tools the model asks for.
    #[serde(default)]
    call: Vec<Call>,
}

/// A tool call in the script.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Call {
    /// The tool's full name, `plugin__tool`.
    name: String,
    /// Its arguments.
    #[serde(default = "empty_object")]
    arguments: Value,
}

fn default_models() -> Vec<String> {
    vec!["scripted".into()]
}

fn default_answer() -> String {
    "The script has no line for this.".into()
}

fn empty_object() -> Value {
    json!({})
}

struct Scripted(Script);

impl Plugin for Scripted {
    const CAPABILITIES: &[Capability] = &[
        Capability::TextGeneration,
        Capability::ChatCompletion,
        Capability::Streaming,
        Capability::FunctionCalling,
    ];
    const TAGS: &[&str] = &["testing", "offline"];
    type Config = Script;

    fn new(script: Script) -> Result<Self, InitError> {
        Ok(Self(script))
    }

    fn validate_config(script: &Script) -> Result<(), Vec<ConfigProblem>> {
        if script.models.is_empty() {
            return Err(vec![ConfigProblem::new(
                "/models",
                "there must be a model to offer",
            )]);
        }
        Ok(())
    }
}

impl Provider for Scripted {
    fn chat_completion(&mut self, request: Request) -> Result<Response, ChatError> {
        self.get_model_info(&request.model)?;
        let said = request
            .messages
            .iter()
            .filter(|m| m.role == Role::Assistant)
            .count();
        let heard = request.messages.last().map(heard).unwrap_or_default();
        if request.messages.is_empty() {
            return Err(ChatError::InvalidRequest(
                "there is no message to answer".into(),
            ));
        }
        let turn = self.0.turns.iter().find(|turn| {
            turn.at.is_none_or(|at| at == said)
                && turn.when.as_ref().is_none_or(|text| heard.contains(text))
        });
        let text = turn.map_or(&self.0.otherwise, |turn| &turn.say).clone();
        let calls = turn.map_or(&[][..], |turn| &turn.call);
        let prompt: u64 = request
            .messages
            .iter()
            .map(|message| words(&self::heard(message)))
            .sum();
        let usage = Usage::new(prompt, words(&text) + calls.len() as u64);
        let calls = calls.iter().enumerate().map(|(i, call)| {
            // Unique in the conversation, and the same at every run.
            let id = format!("call-{said}-{i}");
            Part::Call(ToolCall {
                id,
                name: call.name.clone(),
                arguments: call.arguments.to_string(),
            })
        });
        let content: Vec<Part> = (!text.is_empty())
            .then_some(Part::Text(text))
            .into_iter()
            .chain(calls)
            .collect();
        let asks = content.iter().any(|part| matches!(part, Part::Call(_)));
        let finish_reason = if asks {
            FinishReason::ToolCalls
        } else {
            FinishReason::Stop
        };
        Ok(Response {
            content,
            model: request.model,
            finish_reason,
            usage,
        })
    }

    /// Word by word, as a model would.
    fn chat_completion_stream(&mut self, request: Request) -> Result<Chunks, ChatError> {
        let Response {
            content,
            finish_reason,
            usage,
            ..
        } = self.chat_completion(request)?;
        let mut chunks = Vec::new();
        for part in content {
            match part {
                Part::Text(text) => chunks.extend(
                    text.split_inclusive(' ')
                        .map(|word| Chunk::Text(word.into())),
                ),
                Part::Call(call) => chunks.push(Chunk::Call(call)),
                Part::Image(_) | Part::Outcome(_) => {}
            }
        }
        chunks.push(Chunk::Done(ChunkEnd {
            finish_reason,
            usage,
        }));
        Ok(Box::new(chunks.into_iter().map(Ok)))
    }

    fn list_models(&mut self) -> Result<Vec<ModelInfo>, ChatError> {
        let describe = |id: &String| ModelInfo {
            id: id.clone(),
            context_length: None,
            supports_streaming: true,
            supports_function_calling: true,
            supports_vision: false,
            details: None,
        };
        Ok(self.0.models.iter().map(describe).collect())
    }
}

/// Returns what a message says, whether a person or a tool said it.
fn heard(message: &Message) -> String {
    let outcomes = message.content.iter().filter_map(|part| match part {
        Part::Outcome(outcome) => Some(outcome.content.as_str()),
        Part::Text(_) | Part::Image(_) | Part::Call(_) => None,
    });
    outcomes.fold(message.to_text(), |all, text| all + text)
}

/// Counts words, which is what this model calls tokens.
fn words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

paracle_plugin_sdk::export!(provider: Scripted);
