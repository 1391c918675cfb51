//! What happens, told outward.

use serde::Serialize;

use super::{CallId, ExecutionId, PartOf, PluginName, Usage};

/// What kind of thing happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventType {
    /// An execution's first call began.
    ExecutionStarted,
    /// An execution ended well.
    ExecutionCompleted,
    /// An execution ended badly.
    ExecutionFailed {
        /// Why.
        error: String,
    },
    /// A call was admitted.
    StepStarted,
    /// A call was answered.
    StepCompleted,
    /// A call failed, or its plugin answered with an error.
    StepFailed {
        /// Why.
        error: String,
    },
    /// A model was asked.
    LlmCall {
        /// Which.
        model: String,
        /// Tokens read.
        prompt_tokens: u64,
        /// Tokens written.
        completion_tokens: u64,
        /// US dollars, where the model's price is known.
        cost: Option<f64>,
    },
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// What.
    #[serde(flatten)]
    pub event_type: EventType,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub timestamp: u64,
    /// In which execution.
    pub execution_id: ExecutionId,
    /// What it is part of.
    #[serde(flatten)]
    pub part_of: Option<Box<PartOf>>,
    /// In which call.
    pub call: Option<CallId>,
    /// By which plugin.
    pub plugin: Option<PluginName>,
    /// The tool's full name.
    pub step_name: Option<String>,
    /// What a call took that ended.
    pub usage: Option<Usage>,
}
