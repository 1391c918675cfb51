//! Messages to and from a language model.

use serde::{Deserialize, Serialize};

use super::Denied;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one who sets the rules.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
}

/// A call that the model wants made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Unique in the conversation.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// JSON text, as the model wrote it.
    pub arguments: String,
}

/// One piece of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image {
        /// Its bytes.
        #[serde(with = "super::bytes")]
        data: Vec<u8>,
        /// Such as `image/png`.
        mime_type: String,
    },
    /// A call that the model wants made.
    Call(ToolCall),
    /// What a call gave.
    Outcome {
        /// The call's id.
        id: String,
        /// As text.
        content: String,
        /// True where the call failed.
        is_error: bool,
    },
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Vec<Part>,
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// For the model.
    pub description: String,
    /// JSON Schema of the arguments, as text.
    pub parameters: String,
}

/// A question to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The provider's name for the model.
    pub model: String,
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// From 0 (the same answer each time) upwards.
    pub temperature: f64,
    /// The longest answer, in tokens.
    pub max_tokens: Option<u32>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// True where the caller reads the answer in chunks.
    pub stream: bool,
    /// What the model may call.
    pub tools: Vec<ToolSpec>,
    /// JSON Schema that the answer must fit, as text.
    pub response_schema: Option<String>,
}

/// Tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read.
    pub prompt_tokens: u64,
    /// Written.
    pub completion_tokens: u64,
    /// Both.
    pub total_tokens: u64,
}

/// Why the answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FinishReason {
    /// It was done.
    Stop,
    /// It reached the longest length.
    Length,
    /// It wants tools called.
    ToolCalls,
    /// The provider cut it.
    ContentFilter,
    /// The provider failed.
    Error,
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// What it says.
    pub content: Vec<Part>,
    /// Which model.
    pub model: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// What it took.
    pub usage: Usage,
}

/// A model that a provider has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The provider's name for it.
    pub id: String,
    /// In tokens.
    pub context_length: Option<u32>,
    /// Answers in chunks.
    pub supports_streaming: bool,
    /// Calls tools.
    pub supports_function_calling: bool,
    /// Reads images.
    pub supports_vision: bool,
    /// JSON text of whatever else is known.
    pub details: Option<String>,
}

/// Why a model did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ChatError {
    /// The request is not right; asking again does not help.
    #[error("the provider refused the request: {message}")]
    InvalidRequest {
        /// In the provider's words.
        message: String,
    },
    /// The provider does not know the caller.
    #[error("the provider refused the credentials: {message}")]
    Authentication {
        /// In the provider's words.
        message: String,
    },
    /// The provider could not be reached.
    #[error("the provider could not be reached: {message}")]
    Connection {
        /// What failed.
        message: String,
    },
    /// Too many requests.
    #[error("the provider asks to wait: {message}")]
    RateLimit {
        /// In the provider's words.
        message: String,
        /// For how long, in milliseconds, if it said.
        retry_after_ms: Option<u64>,
    },
    /// The provider is too busy.
    #[error("the provider is overloaded: {message}")]
    Overloaded {
        /// In the provider's words.
        message: String,
    },
    /// The provider has no such model.
    #[error("the provider has no model {model:?}")]
    UnknownModel {
        /// What was asked for.
        model: String,
    },
    /// The host refused.
    #[error(transparent)]
    Permission {
        /// What and why.
        #[from]
        denied: Denied,
    },
    /// The caller gave up.
    #[error("the call was given up")]
    Cancelled,
}
