//! Messages to and from a language model, and short ways to make them.

use serde_json::Value;

#[doc(inline)]
pub use crate::bindings::life_cycle::paracle::plugin::chat::{
    ChatError, Chunk, ChunkEnd, FinishReason, Image, Message, ModelInfo, Part, RateLimit, Request,
    Response, Role, ToolCall, ToolResult, ToolSpec, Usage,
};

impl Message {
    /// Makes a message of text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: vec![Part::Text(text.into())],
        }
    }

    /// Makes the message that hands a tool's answer back to the model.
    pub fn outcome(id: impl Into<String>, content: impl Into<String>, is_error: bool) -> Self {
        let outcome = ToolResult {
            id: id.into(),
            content: content.into(),
            is_error,
        };
        Self {
            role: Role::Tool,
            content: vec![Part::Outcome(outcome)],
        }
    }

    /// Returns the message's text, its parts joined.
    pub fn to_text(&self) -> String {
        text_of(&self.content)
    }
}

impl Request {
    /// The temperature where the caller says nothing.
    pub const TEMPERATURE: f64 = 0.7;

    /// Makes a request with defaults: temperature 0.7, no limits, no tools, one answer.
    ///
    /// ```
    /// use paracle_plugin_sdk::chat::{Message, Request, Role};
    ///
    /// let request = Request::new("small", vec![Message::text(Role::User, "Hello")]);
    /// assert_eq!(request.temperature, 0.7);
    /// ```
    pub fn new(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Self {
            model: model.into(),
            messages,
            temperature: Self::TEMPERATURE,
            max_tokens: None,
            stop: Vec::new(),
            stream: false,
            tools: Vec::new(),
            response_schema: None,
        }
    }
}

impl Response {
    /// Returns the answer's text, its parts joined.
    pub fn to_text(&self) -> String {
        text_of(&self.content)
    }

    /// Returns the tool calls that the model asks for.
    pub fn calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.content.iter().filter_map(|part| {
            if let Part::Call(call) = part {
                Some(call)
            } else {
                None
            }
        })
    }
}

impl ChatError {
    /// Writes the error as people read it.
    pub fn text(&self) -> String {
        match self {
            Self::InvalidRequest(why) => format!("the request is not valid: {why}"),
            Self::Authentication(why) => {
                format!("the provider does not accept the credentials: {why}")
            }
            Self::Connection(why) => format!("the provider cannot be reached: {why}"),
            Self::RateLimit(limit) => format!("too many requests: {}", limit.message),
            Self::Overloaded(why) => format!("the provider is overloaded: {why}"),
            Self::UnknownModel(name) => format!("there is no model `{name}`"),
            Self::Permission(denied) => denied.text(),
            Self::Cancelled => "cancelled".into(),
        }
    }
}

impl Usage {
    /// Adds the two counts up.
    pub fn new(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
        }
    }
}

impl Part {
    /// Makes the error of a part in a message that has no place for it.
    pub fn misplaced(&self, role: Role) -> ChatError {
        let what = match self {
            Self::Text(_) => "text",
            Self::Image(_) => "an image",
            Self::Call(_) => "a tool call",
            Self::Outcome(_) => "a tool's result",
        };
        let who = match role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        };
        ChatError::InvalidRequest(format!("{what} cannot be in a message of the role `{who}`"))
    }
}

impl ToolSpec {
    /// Reads the schema of the arguments.
    pub fn schema(&self) -> Result<Value, ChatError> {
        read_json(
            &format!("the schema of the tool `{}`", self.name),
            &self.parameters,
        )
    }
}

impl ToolCall {
    /// Reads the arguments, which a model may have left out where there are none.
    pub fn parsed(&self) -> Result<Value, ChatError> {
        if self.arguments.trim().is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        read_json(
            &format!("the arguments of the call `{}`", self.id),
            &self.arguments,
        )
    }
}

impl Request {
    /// Reads the schema that the answer must fit, if there is one.
    pub fn schema(&self) -> Result<Option<Value>, ChatError> {
        let schema = self.response_schema.as_deref();
        schema
            .map(|text| read_json("the answer's schema", text))
            .transpose()
    }
}

fn read_json(what: &str, text: &str) -> Result<Value, ChatError> {
    serde_json::from_str(text)
        .map_err(|error| ChatError::InvalidRequest(format!("{what} is not JSON: {error}")))
}

/// Joins the texts among the parts of a message.
fn text_of(parts: &[Part]) -> String {
    parts
        .iter()
        .filter_map(|part| {
            if let Part::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect()
}
