//! An answer, as Ollama writes it: whole, or a line at a time.

use paracle_plugin_sdk::chat::{
    ChatError, Chunk, ChunkEnd, FinishReason, Part, Request, Response, ToolCall, Usage,
};
use paracle_plugin_sdk::prelude::{Deserialize, Value, json, serde_json};
use paracle_plugin_sdk::remote::{self, Refusal};

/// A whole answer, or a line of one.
#[derive(Deserialize)]
pub(crate) struct Answer {
    model: Option<String>,
    message: Option<Message>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

/// What came of an answer so far.
pub(crate) struct Reading {
    /// How many calls the conversation has, so that each has an id of its own.
    calls: usize,
    asked: bool,
}

impl Reading {
    pub(crate) fn new(request: &Request) -> Self {
        let parts = request.messages.iter().flat_map(|message| &message.content);
        Self {
            calls: parts.filter(|part| matches!(part, Part::Call(_))).count(),
            asked: false,
        }
    }

    /// Takes a line.
    pub(crate) fn take(
        &mut self,
        line: &str,
        refused: impl Fn(&Refusal) -> ChatError,
    ) -> Result<Vec<Chunk>, ChatError> {
        if line.trim().is_empty() {
            return Ok(Vec::new());
        }
        // A line that was cut is no JSON: the connection broke.
        let answer: Answer = serde_json::from_str(line).map_err(|error| {
            ChatError::Connection(format!(
                "the server sent what is no part of an answer: {error}"
            ))
        })?;
        if let Some(refusal) = answer.refusal() {
            return Err(refused(&refusal));
        }
        let usage = answer.usage();
        let mut chunks = Vec::new();
        if let Some(message) = answer.message {
            if !message.content.is_empty() {
                chunks.push(Chunk::Text(message.content));
            }
            let calls = message.tool_calls.into_iter().flatten();
            chunks.extend(calls.map(|call| Chunk::Call(self.call(call))));
        }
        if answer.done {
            chunks.push(Chunk::Done(ChunkEnd {
                finish_reason: self.finish(answer.done_reason.as_deref()),
                usage,
            }));
        }
        Ok(chunks)
    }

    /// Reads a whole answer.
    pub(crate) fn whole(
        &mut self,
        answer: Answer,
        refused: impl Fn(&Refusal) -> ChatError,
    ) -> Result<Response, ChatError> {
        if let Some(refusal) = answer.refusal() {
            return Err(refused(&refusal));
        }
        let usage = answer.usage();
        let message = answer.message.ok_or_else(remote::broke_off)?;
        let mut content = Vec::new();
        if !message.content.is_empty() {
            content.push(Part::Text(message.content));
        }
        let calls = message.tool_calls.into_iter().flatten();
        content.extend(calls.map(|call| Part::Call(self.call(call))));
        Ok(Response {
            content,
            model: answer.model.unwrap_or_default(),
            finish_reason: self.finish(answer.done_reason.as_deref()),
            usage,
        })
    }

    fn call(&mut self, call: Call) -> ToolCall {
        self.asked = true;
        self.calls += 1;
        let arguments = match call.function.arguments {
            Value::Null => json!({}),
            arguments => arguments,
        };
        ToolCall {
            id: call.id.unwrap_or_else(|| format!("call-{}", self.calls)),
            name: call.function.name,
            arguments: arguments.to_string(),
        }
    }

    fn finish(&self, reason: Option<&str>) -> FinishReason {
        match reason {
            Some("stop") | None if self.asked => FinishReason::ToolCalls,
            Some("stop") | None => FinishReason::Stop,
            Some("length") => FinishReason::Length,
            // Such as a model that was loaded or unloaded, and said nothing.
            Some(_) => FinishReason::Error,
        }
    }
}

impl Answer {
    fn usage(&self) -> Usage {
        Usage::new(
            self.prompt_eval_count.unwrap_or(0),
            self.eval_count.unwrap_or(0),
        )
    }

    fn refusal(&self) -> Option<Refusal> {
        let error = self.error.as_ref()?;
        Some(Refusal::of_event(&json!({"error": error})))
    }
}
