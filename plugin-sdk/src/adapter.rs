//! Agents of another framework, run through the host's `completions` and `tools`.

use crate::plugin::{ConfigProblem, Denied, Plugin};
use serde_json::Value;
use std::fmt;

#[doc(inline)]
pub use crate::bindings::adapter::exports::paracle::plugin::adapter::{
    AdapterError, AgentConfig, AgentResult,
};

/// A plugin that runs agents the way some framework does.
pub trait Adapter: Plugin {
    /// The framework's name, such as `crewai`.
    const FRAMEWORK: &str;

    /// What the adapter supports, in the framework's words.
    const FEATURES: &[&str] = &[];

    /// An agent that was made and can be given tasks.
    type Agent: Agent;

    /// Makes an agent; its configuration was validated.
    fn create_agent(&mut self, config: AgentConfig) -> Result<Self::Agent, AdapterError>;

    /// Checks an agent's configuration.
    fn validate_agent_config(&self, config: &AgentConfig) -> Result<(), Vec<ConfigProblem>> {
        let _ = config;
        Ok(())
    }
}

/// An agent of an [`Adapter`].
pub trait Agent: 'static {
    /// Works on a task until there is an answer.
    fn execute(&mut self, task: &str, context: Value) -> Result<AgentResult, AdapterError>;
}

impl AgentResult {
    /// Makes the result of a task that was done.
    pub fn done(output: impl Into<String>, metadata: &Value) -> Self {
        Self {
            success: true,
            output: output.into(),
            error: None,
            metadata: metadata.to_string(),
        }
    }

    /// Makes the result of a task that the agent gave up, with what it has so far.
    pub fn gave_up(output: impl Into<String>, why: impl Into<String>, metadata: &Value) -> Self {
        Self {
            success: false,
            output: output.into(),
            error: Some(why.into()),
            metadata: metadata.to_string(),
        }
    }
}

impl AdapterError {
    /// Makes the error of an agent that could not go on.
    pub fn runtime(why: impl fmt::Display) -> Self {
        Self::Runtime(why.to_string())
    }
}

impl From<Denied> for AdapterError {
    fn from(denied: Denied) -> Self {
        Self::Permission(denied)
    }
}
