//! Messages to and from a language model, and short ways to make them.

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
