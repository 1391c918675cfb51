//! An answer, as the Messages API writes it.

use paracle_plugin_sdk::chat::{FinishReason, Part, Response, ToolCall, Usage};
use paracle_plugin_sdk::prelude::{Deserialize, Value};

/// A whole answer.
#[derive(Deserialize)]
pub(crate) struct Answer {
    content: Vec<Block>,
    model: String,
    stop_reason: Option<String>,
    usage: Used,
}

/// A part of an answer. What else a model may do, such as thinking, is not its answer.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Block {
    Text {
        #[serde(default)]
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    #[serde(other)]
    Other,
}

/// The tokens of an answer.
#[derive(Deserialize, Default, Clone, Copy)]
pub(crate) struct Used {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl Used {
    /// Takes what later counts say; each is of the whole answer until then.
    pub(crate) fn update(&mut self, later: Self) {
        let Self {
            input_tokens,
            cache_creation_input_tokens,
            cache_read_input_tokens,
            output_tokens,
        } = later;
        self.input_tokens = input_tokens.or(self.input_tokens);
        self.cache_creation_input_tokens =
            cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.output_tokens = output_tokens.or(self.output_tokens);
    }

    pub(crate) fn usage(self) -> Usage {
        // What came from a cache, or went into one, was read as well.
        let read = [
            self.input_tokens,
            self.cache_creation_input_tokens,
            self.cache_read_input_tokens,
        ];
        let read = read.into_iter().flatten().fold(0, u64::saturating_add);
        let written = self.output_tokens.unwrap_or(0);
        Usage {
            prompt_tokens: read,
            completion_tokens: written,
            total_tokens: read.saturating_add(written),
        }
    }
}

/// Reads a whole answer.
pub(crate) fn whole(answer: Answer) -> Response {
    let parts = answer.content.into_iter().filter_map(|block| match block {
        Block::Text { text } if text.is_empty() => None,
        Block::Text { text } => Some(Part::Text(text)),
        Block::ToolUse { id, name, input } => Some(Part::Call(ToolCall {
            id,
            name,
            arguments: input.to_string(),
        })),
        Block::Other => None,
    });
    Response {
        content: parts.collect(),
        model: answer.model,
        finish_reason: finish(answer.stop_reason.as_deref()),
        usage: answer.usage.usage(),
    }
}

/// Reads why an answer ended.
pub(crate) fn finish(reason: Option<&str>) -> FinishReason {
    match reason {
        Some("end_turn" | "stop_sequence" | "pause_turn") => FinishReason::Stop,
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("tool_use") => FinishReason::ToolCalls,
        Some("refusal") => FinishReason::ContentFilter,
        Some(_) | None => FinishReason::Error,
    }
}
