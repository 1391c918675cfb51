//! An answer that comes in events, put together again.

use super::answer::{self, Block, Used};
use paracle_plugin_sdk::chat::{ChatError, Chunk, ChunkEnd, ToolCall};
use paracle_plugin_sdk::prelude::{Deserialize, Value, serde_json};
use paracle_plugin_sdk::remote::Refusal;
use std::collections::BTreeMap;

/// One event; the API may add others at any time.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Start,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block,
    },
    ContentBlockDelta {
        index: usize,
        delta: Delta,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: End,
        #[serde(default)]
        usage: Used,
    },
    MessageStop,
    Error {
        error: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Start {
    #[serde(default)]
    usage: Used,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct End {
    stop_reason: Option<String>,
}

/// What came of an answer so far.
#[derive(Default)]
pub(crate) struct Reading {
    /// The calls of which some is still to come, by their blocks.
    calls: BTreeMap<usize, ToolCall>,
    used: Used,
    stop: Option<String>,
}

impl Reading {
    /// Takes an event.
    pub(crate) fn take(
        &mut self,
        data: &str,
        refused: impl Fn(&Refusal) -> ChatError,
    ) -> Result<Vec<Chunk>, ChatError> {
        let event = serde_json::from_str(data).map_err(|error| {
            ChatError::Connection(format!(
                "the server sent what is no part of an answer: {error}"
            ))
        })?;
        let text = |text: String| (!text.is_empty()).then_some(Chunk::Text(text));
        let chunk = match event {
            Event::MessageStart { message } => {
                self.used = message.usage;
                None
            }
            Event::ContentBlockStart {
                index,
                content_block,
            } => match content_block {
                Block::Text { text: first } => text(first),
                Block::ToolUse { id, name, input } => {
                    // Empty where it comes in pieces.
                    let whole = input.as_object().is_some_and(|input| !input.is_empty());
                    let arguments = if whole {
                        input.to_string()
                    } else {
                        String::new()
                    };
                    self.calls.insert(
                        index,
                        ToolCall {
                            id,
                            name,
                            arguments,
                        },
                    );
                    None
                }
                Block::Other => None,
            },
            Event::ContentBlockDelta { index, delta } => match delta {
                Delta::Text { text: more } => text(more),
                Delta::InputJson { partial_json } => {
                    if let Some(call) = self.calls.get_mut(&index) {
                        call.arguments.push_str(&partial_json);
                    }
                    None
                }
                Delta::Other => None,
            },
            Event::ContentBlockStop { index } => self.calls.remove(&index).map(whole),
            Event::MessageDelta { delta, usage } => {
                self.used.update(usage);
                self.stop = delta.stop_reason;
                None
            }
            Event::MessageStop => {
                let calls = std::mem::take(&mut self.calls).into_values().map(whole);
                let done = Chunk::Done(ChunkEnd {
                    finish_reason: answer::finish(self.stop.as_deref()),
                    usage: self.used.usage(),
                });
                return Ok(calls.chain([done]).collect());
            }
            Event::Error { error } => return Err(refused(&Refusal::of_event(&error))),
            Event::Other => None,
        };
        Ok(chunk.into_iter().collect())
    }
}

fn whole(mut call: ToolCall) -> Chunk {
    if call.arguments.trim().is_empty() {
        call.arguments = "{}".into();
    }
    Chunk::Call(call)
}
