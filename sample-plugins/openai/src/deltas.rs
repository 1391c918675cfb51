//! An answer that comes in deltas, put together again.

use super::answer::{self, Arguments, Content, Function, Used};
use paracle_plugin_sdk::chat::{ChatError, Chunk, ChunkEnd, Usage};
use paracle_plugin_sdk::prelude::{Deserialize, Value, serde_json};
use paracle_plugin_sdk::remote::{self, Refusal};

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Used>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    content: Option<Content>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    index: Option<usize>,
    id: Option<String>,
    #[serde(default)]
    function: Function,
}

/// A call of which some is still to come.
#[derive(Default)]
struct Growing {
    index: Option<usize>,
    id: Option<String>,
    name: String,
    arguments: String,
}

/// What came of an answer so far.
#[derive(Default)]
pub(crate) struct Deltas {
    calls: Vec<Growing>,
    finish: Option<String>,
    refused: bool,
    usage: Option<Usage>,
}

impl Deltas {
    /// Takes an event.
    pub(crate) fn take(
        &mut self,
        data: &str,
        refused: impl Fn(&Refusal) -> ChatError,
    ) -> Result<Vec<Chunk>, ChatError> {
        if data.trim() == "[DONE]" {
            self.finish.get_or_insert_with(|| "stop".into());
            return self.end();
        }
        let piece: Piece = serde_json::from_str(data).map_err(|error| {
            ChatError::Connection(format!(
                "the server sent what is no part of an answer: {error}"
            ))
        })?;
        if let Some(error) = &piece.error {
            return Err(refused(&Refusal::of_event(error)));
        }
        if let Some(used) = &piece.usage {
            self.usage = Some(used.usage());
        }
        let mut chunks = Vec::new();
        for choice in piece.choices.into_iter().take(1) {
            let text = choice.delta.content.map(Content::text);
            let refusal = choice.delta.refusal.filter(|text| !text.is_empty());
            self.refused |= refusal.is_some();
            let texts = text.into_iter().chain(refusal);
            chunks.extend(texts.filter(|text| !text.is_empty()).map(Chunk::Text));
            for delta in choice.delta.tool_calls.into_iter().flatten() {
                self.grow(delta);
            }
            self.finish = choice.finish_reason.or(self.finish.take());
        }
        Ok(chunks)
    }

    /// Ends the answer, if it is whole.
    pub(crate) fn end(&mut self) -> Result<Vec<Chunk>, ChatError> {
        let finish = self.finish.take().ok_or_else(remote::broke_off)?;
        let calls = std::mem::take(&mut self.calls);
        let finish_reason = if self.refused {
            answer::finish(Some("content_filter"), false)
        } else {
            answer::finish(Some(&finish), !calls.is_empty())
        };
        let calls = calls
            .into_iter()
            .enumerate()
            .map(|(i, call)| Chunk::Call(answer::tool_call(call.id, i, call.name, call.arguments)));
        let usage = self.usage.take().unwrap_or_else(|| Usage::new(0, 0));
        let done = Chunk::Done(ChunkEnd {
            finish_reason,
            usage,
        });
        Ok(calls.chain([done]).collect())
    }

    /// Adds a piece to the call that it belongs to: by its index, or where a server writes none, by its id.
    fn grow(&mut self, delta: CallDelta) {
        let id = delta.id.filter(|id| !id.is_empty());
        let found = self.calls.iter_mut().rfind(|call| match delta.index {
            // Some servers give every call the same index.
            Some(index) => call.index == Some(index) && (id.is_none() || call.id == id),
            None => id.is_none() || call.id == id,
        });
        let call = if let Some(call) = found {
            call
        } else {
            self.calls.push(Growing {
                index: delta.index,
                id,
                ..Growing::default()
            });
            let last = self.calls.len() - 1;
            &mut self.calls[last]
        };
        // It comes whole, from some servers with every piece.
        if call.name.is_empty() {
            call.name = delta.function.name.unwrap_or_default();
        }
        let arguments = delta.function.arguments.map(Arguments::text);
        call.arguments.push_str(&arguments.unwrap_or_default());
    }
}
