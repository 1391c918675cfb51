//! An answer, as Chat Completions writes it.

use paracle_plugin_sdk::chat::{ChatError, FinishReason, Part, Response, ToolCall, Usage};
use paracle_plugin_sdk::prelude::{Deserialize, Value};
use paracle_plugin_sdk::remote::{self, Refusal};

/// A whole answer.
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    choices: Vec<Choice>,
    model: Option<String>,
    usage: Option<Used>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Content>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

/// Some servers write it in parts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Parts(Vec<TextPart>),
}

#[derive(Deserialize)]
pub(crate) struct TextPart {
    #[serde(default)]
    text: String,
}

impl Content {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().map(|part| part.text).collect(),
        }
    }
}

#[derive(Deserialize)]
struct Call {
    id: Option<String>,
    function: Function,
}

/// What is called, of which a stream brings a piece at a time.
#[derive(Deserialize, Default)]
pub(crate) struct Function {
    pub(crate) name: Option<String>,
    pub(crate) arguments: Option<Arguments>,
}

/// Some servers write an object where the format has a text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Arguments {
    Text(String),
    Value(Value),
}

impl Arguments {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Value(value) => value.to_string(),
        }
    }
}

/// The tokens of an answer.
#[derive(Deserialize)]
pub(crate) struct Used {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
}

impl Used {
    pub(crate) fn usage(&self) -> Usage {
        let sum = Usage::new(
            self.prompt_tokens.unwrap_or(0),
            self.completion_tokens.unwrap_or(0),
        );
        Usage {
            total_tokens: self.total_tokens.unwrap_or(sum.total_tokens),
            ..sum
        }
    }
}

/// Reads a whole answer.
pub(crate) fn whole(
    answer: Answer,
    model: &str,
    refused: impl Fn(&Refusal) -> ChatError,
) -> Result<Response, ChatError> {
    if let Some(error) = &answer.error {
        return Err(refused(&Refusal::of_event(error)));
    }
    let choice = answer
        .choices
        .into_iter()
        .next()
        .ok_or_else(remote::broke_off)?;
    let mut content = Vec::new();
    let text = choice
        .message
        .content
        .map(Content::text)
        .unwrap_or_default();
    let refusal = choice.message.refusal.unwrap_or_default();
    let filtered = text.is_empty() && !refusal.is_empty();
    let text = if filtered { refusal } else { text };
    if !text.is_empty() {
        content.push(Part::Text(text));
    }
    let calls = choice.message.tool_calls.unwrap_or_default();
    let asks = !calls.is_empty();
    content.extend(calls.into_iter().enumerate().map(|(i, call)| {
        Part::Call(tool_call(
            call.id,
            i,
            call.function.name.unwrap_or_default(),
            call.function
                .arguments
                .map(Arguments::text)
                .unwrap_or_default(),
        ))
    }));
    let finish_reason = if filtered {
        FinishReason::ContentFilter
    } else {
        finish(choice.finish_reason.as_deref(), asks)
    };
    Ok(Response {
        content,
        model: answer.model.unwrap_or_else(|| model.to_owned()),
        finish_reason,
        usage: answer.usage.map_or(Usage::new(0, 0), |used| used.usage()),
    })
}

/// Makes a call of what came of it.
pub(crate) fn tool_call(
    id: Option<String>,
    index: usize,
    name: String,
    arguments: String,
) -> ToolCall {
    ToolCall {
        id: id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("call-{index}")),
        name,
        arguments: if arguments.trim().is_empty() {
            "{}".into()
        } else {
            arguments
        },
    }
}

/// Reads why an answer ended.
pub(crate) fn finish(reason: Option<&str>, asks: bool) -> FinishReason {
    match reason {
        // Some servers say `stop` where they ask for calls.
        Some("stop") | None if asks => FinishReason::ToolCalls,
        Some("stop") | None => FinishReason::Stop,
        Some("tool_calls" | "function_call") => FinishReason::ToolCalls,
        Some("length") => FinishReason::Length,
        Some("content_filter") => FinishReason::ContentFilter,
        Some(_) => FinishReason::Error,
    }
}
