//! One call, from any edge.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::chat::ModelInfo;
use super::{
    CallId, ChatError, ClientLink, CommitId, Completable, ContextError, Denied, ExecutionId, Given,
    Grant, Output, PlanName, PluginName, Prompt, Request, ResourceContent, ResourceInfo, Response,
    Suggestions, ToolError, ToolPath,
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
    /// Lists the resources of a plugin.
    Resources {
        /// Which plugin.
        plugin: PluginName,
    },
    /// Reads a resource.
    Read {
        /// Whose.
        plugin: PluginName,
        /// Its address.
        uri: String,
    },
    /// Makes a prompt.
    Prompt {
        /// Whose, and which.
        path: ToolPath,
        /// What it is made with.
        arguments: Vec<Given>,
    },
    /// Suggests values.
    Complete {
        /// Whose argument or variable it is.
        plugin: PluginName,
        /// Which.
        of: Completable,
        /// What was typed.
        typed: String,
        /// The others that have a value.
        others: Vec<Given>,
    },
}

impl Verb {
    /// Returns the plugin that the verb is for.
    pub const fn plugin(&self) -> &PluginName {
        match self {
            Self::Tool { path, .. } | Self::Prompt { path, .. } => &path.plugin,
            Self::Chat { provider, .. } | Self::Models { provider } => provider,
            Self::Resources { plugin }
            | Self::Read { plugin, .. }
            | Self::Complete { plugin, .. } => plugin,
        }
    }

    /// Tells whether what the call writes can land: looking is no reason for a commit.
    pub const fn may_write(&self) -> bool {
        match self {
            Self::Tool { .. } | Self::Chat { .. } => true,
            Self::Models { .. }
            | Self::Resources { .. }
            | Self::Read { .. }
            | Self::Prompt { .. }
            | Self::Complete { .. } => false,
        }
    }

    /// Returns a short name for people: `files__read`, or the provider's name.
    pub fn name(&self) -> String {
        match self {
            Self::Tool { path, .. } | Self::Prompt { path, .. } => path.to_string(),
            Self::Chat { provider, .. } | Self::Models { provider } => provider.to_string(),
            Self::Resources { plugin } | Self::Complete { plugin, .. } => plugin.to_string(),
            Self::Read { uri, .. } => uri.clone(),
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
    Assistant {
        /// Who it speaks for, where that was proven.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// The most that the call may have, where what they proved says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ceiling: Option<Grant>,
    },
    /// Another plugin, which may not gain by it.
    Plugin {
        /// Which.
        name: PluginName,
        /// What it was granted itself: the most that this call may have.
        ceiling: Grant,
        /// How many plugins stand behind it.
        depth: u8,
    },
    /// An agent of the repository's, which the host runs.
    Agent {
        /// Which.
        name: PlanName,
        /// The tools and the providers that its file gives it: the only ones that it can call.
        may: Grant,
        /// Who has it run, and so bounds what each of its calls may do.
        of: Box<Self>,
    },
}

/// What a call is part of, for whoever counts and for the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOf {
    /// The agent that calls, or for which another plugin does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<PlanName>,
    /// The workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<PlanName>,
    /// The workflow's step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<PlanName>,
}

impl Caller {
    /// An assistant of whom nothing had to be proven.
    pub const fn assistant() -> Self {
        Self::Assistant {
            subject: None,
            ceiling: None,
        }
    }
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
    /// What it is part of; calls inside it are part of the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<Box<PartOf>>,
    /// What the person allows for this call alone, by answering a question about it.
    #[serde(skip)]
    pub allowed: Grant,
    /// Ends the call from outside.
    #[serde(skip)]
    pub cancel: CancellationToken,
    /// Whom the call may ask, and tell how far it is.
    #[serde(skip)]
    pub client: ClientLink,
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
            part_of: None,
            allowed: Grant::default(),
            cancel: CancellationToken::new(),
            client: ClientLink::default(),
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
    /// What can be read.
    Resources(Result<Vec<ResourceInfo>, ContextError>),
    /// What was read.
    Read(Result<Vec<ResourceContent>, ContextError>),
    /// A prompt.
    Prompt(Result<Prompt, ContextError>),
    /// Values that would do.
    Complete(Result<Suggestions, ContextError>),
}

impl Reply {
    /// Returns the refusal that the plugin answered with, if it did.
    pub const fn denied(&self) -> Option<&Denied> {
        match self {
            Self::Tool(Err(ToolError::Permission { denied }))
            | Self::Chat(Err(ChatError::Permission { denied }))
            | Self::Models(Err(ChatError::Permission { denied }))
            | Self::Resources(Err(ContextError::Permission { denied }))
            | Self::Read(Err(ContextError::Permission { denied }))
            | Self::Prompt(Err(ContextError::Permission { denied }))
            | Self::Complete(Err(ContextError::Permission { denied })) => Some(denied),
            Self::Tool(_)
            | Self::Chat(_)
            | Self::Models(_)
            | Self::Resources(_)
            | Self::Read(_)
            | Self::Prompt(_)
            | Self::Complete(_) => None,
        }
    }

    /// Tells whether the plugin did what it was asked.
    pub const fn is_ok(&self) -> bool {
        match self {
            Self::Tool(reply) => reply.is_ok(),
            Self::Chat(reply) => reply.is_ok(),
            Self::Models(reply) => reply.is_ok(),
            Self::Resources(reply) => reply.is_ok(),
            Self::Read(reply) => reply.is_ok(),
            Self::Prompt(reply) => reply.is_ok(),
            Self::Complete(reply) => reply.is_ok(),
        }
    }

    /// Returns the plugin's own error as text, if it answered with one.
    pub fn error(&self) -> Option<String> {
        match self {
            Self::Tool(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Chat(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Models(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Resources(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Read(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Prompt(reply) => reply.as_ref().err().map(ToString::to_string),
            Self::Complete(reply) => reply.as_ref().err().map(ToString::to_string),
        }
    }
}
