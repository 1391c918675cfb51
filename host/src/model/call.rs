//! One call, from any edge.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::chat::ModelInfo;
use super::{
    CallId, ChatError, CommitId, Denied, ExecutionId, Grant, Output, PluginName, Request, Response,
    ToolError, ToolPath,
};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "lowercase")]
pub enum Verb {
    /// Calls a tool.
    Tool {
        /// Which.
        path: ToolPath,
        /// An object.
        arguments: serde_json::Value,
    },
    /// Asks a language model.
    Chat {
        /// Which provider plugin.
        provider: PluginName,
        /// The question.
        request: Request,
    },
    /// Lists the models that a provider has.
    Models {
        /// Which provider plugin.
        provider: PluginName,
    },
}

impl Verb {
    /// Returns the plugin that the verb is for.
    pub const fn plugin(&self) -> &PluginName {
        match self {
            Self::Tool { path, .. } => &path.plugin,
            Self::Chat { provider, .. } | Self::Models { provider } => provider,
        }
    }

    /// Returns a short name for people: `files__read`, or the provider's name.
    pub fn name(&self) -> String {
        match self {
            Self::Tool { path, .. } => path.to_string(),
            Self::Chat { provider, .. } | Self::Models { provider } => provider.to_string(),
        }
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase")]
pub enum Caller {
    /// A person at the command line.
    Person,
    /// An assistant, through MCP.
    Assistant,
    /// Another plugin, which may not gain by it.
    Plugin {
        /// Which.
        name: PluginName,
        /// What it was granted itself: the most that this call may have.
        ceiling: Grant,
        /// How many plugins stand behind it.
        depth: u8,
    },
}

/// One call: a plain value that a worker elsewhere could run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    /// Unique.
    pub id: CallId,
    /// What is to be done.
    pub verb: Verb,
    /// Where its changes go.
    pub execution: ExecutionId,
    /// Who calls.
    pub caller: Caller,
    /// The most time the caller gives it; the plugin's own limit applies as well.
    pub time: Option<Duration>,
    /// The commit that it looks at instead of its execution's newest; what it changes is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<CommitId>,
    /// What the person allows for this call alone, by answering a question about it.
    #[serde(skip)]
    pub allowed: Grant,
    /// Ends the call from outside.
    #[serde(skip)]
    pub cancel: CancellationToken,
}

impl Call {
    /// Makes a call with an id of its own.
    pub fn new(verb: Verb, execution: ExecutionId, caller: Caller) -> Self {
        Self {
            id: CallId::generate(),
            verb,
            execution,
            caller,
            time: None,
            at: None,
            allowed: Grant::default(),
            cancel: CancellationToken::new(),
        }
    }
}

/// What a plugin answered, success or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reply {
    /// A tool's.
    Tool(Result<Output, ToolError>),
    /// A provider's.
    Chat(Result<Response, ChatError>),
    /// A provider's models.
    Models(Result<Vec<ModelInfo>, ChatError>),
}

impl Reply {
    /// Returns the refusal that the plugin answered with, if it did.
    pub const fn denied(&self) -> Option<&Denied> {
        match self {
            Self::Tool(Err(ToolError::Permission { denied }))
            | Self::Chat(Err(ChatError::Permission { denied }))
            | Self::Models(Err(ChatError::Permission { denied })) => Some(denied),
            Self::Tool(_) | Self::Chat(_) | Self::Models(_) => None,
        }
    }

    /// Returns the plugin's own error as text, if it answered with one.
    pub fn error(&self) -> Option<String> {
        match self {
            Self::Tool(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Chat(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Models(reply) => reply.as_ref().err().map(ToString::to_string),
        }
    }
}
