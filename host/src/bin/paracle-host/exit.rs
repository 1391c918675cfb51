//! How a command ends: the one table of exit codes, and which failure has which.

use std::process::ExitCode;

use paracle_host::config::ConfigError;
use paracle_host::execution::{ExecutionError, SettleError};
use paracle_host::flow::{
    AuditError, CallError, GiveError, HostError, InitError, MembersError, MergeError,
    PullRequestError,
};
use paracle_host::forge::ForgeError;
use paracle_host::git::GitError;
use paracle_host::grants::GrantsError;
use paracle_host::mcp::{HttpError, McpError, TokenError};
use paracle_host::model::{ChatError, ContextError, InvalidName, Reply, ToolError};
use paracle_host::orchestrate::{AgentError, PlanError};
use paracle_host::registry::RouteError;
use paracle_host::sandbox::RunError;
use paracle_host::wall::WallError;
use paracle_host::workspace::DirectoryError;

use crate::hints;

/// How a command that is not done ended; 0 is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The plugin or the tool failed.
    Failed = 1,
    /// Bad usage or configuration, or no repository to work in.
    Usage = 2,
    /// Refused by policy.
    Refused = 3,
    /// A conflict with what others did.
    Conflict = 4,
    /// A limit or a deadline was reached, or the call was cancelled.
    Limit = 5,
}

impl Exit {
    const fn kind(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Limit => "limit",
        }
    }
}

/// Why a command is not done, in one sentence.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    exit: Exit,
    kind: &'static str,
    message: String,
    told: bool,
    /// What programs read beside it: the limit that was reached, and what the call took.
    more: serde_json::Map<String, serde_json::Value>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            kind: exit.kind(),
            message: message.into(),
            told: false,
            more: serde_json::Map::new(),
        }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(Exit::Conflict, message)
    }

    /// Notes that the command's own document says it already.
    pub(crate) fn told(self) -> Self {
        Self { told: true, ..self }
    }

    pub(crate) const fn is_told(&self) -> bool {
        self.told
    }

    pub(crate) fn message(&self) -> std::borrow::Cow<'_, str> {
        hints::led(&self.message)
    }

    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }

    /// Returns what a program reads.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::json!({ "error": self.json() })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let mut json = serde_json::json!({ "kind": self.kind, "message": self.message(), "exit": self.exit as u8 });
        if let serde_json::Value::Object(json) = &mut json {
            json.extend(self.more.clone());
        }
        json
    }

    /// Returns the failure that an agent's is.
    pub(crate) fn of_agent(error: &AgentError) -> Self {
        Self::new(error.exit(), error.to_string())
    }

    /// Returns the failure that a plugin's own error is; none if it answered well.
    pub(crate) fn of_reply(reply: &Reply) -> Option<Self> {
        let exit = match reply {
            reply if reply.is_ok() => return None,
            Reply::Tool(Err(error)) => match error {
                ToolError::Permission { .. } => Exit::Refused,
                ToolError::Cancelled => Exit::Limit,
                ToolError::UnknownTool { .. }
                | ToolError::InvalidValue { .. }
                | ToolError::Runtime { .. } => Exit::Failed,
            },
            Reply::Chat(Err(error)) | Reply::Models(Err(error)) => match error {
                ChatError::Permission { .. } => Exit::Refused,
                ChatError::Cancelled => Exit::Limit,
                ChatError::InvalidRequest { .. }
                | ChatError::Authentication { .. }
                | ChatError::Connection { .. }
                | ChatError::RateLimit { .. }
                | ChatError::Overloaded { .. }
                | ChatError::UnknownModel { .. } => Exit::Failed,
            },
            Reply::Resources(Err(error))
            | Reply::Read(Err(error))
            | Reply::Prompt(Err(error))
            | Reply::Complete(Err(error)) => match error {
                ContextError::Permission { .. } => Exit::Refused,
                ContextError::Cancelled => Exit::Limit,
                ContextError::NotFound { .. }
                | ContextError::InvalidValue { .. }
                | ContextError::Runtime { .. } => Exit::Failed,
            },
            // Said above.
            _ => return None,
        };
        reply.error().map(|message| Self::new(exit, message))
    }
}

/// Which exit code an error of the library has.
trait Coded: std::fmt::Display {
    fn exit(&self) -> Exit;

    /// Returns what programs call it.
    fn kind(&self) -> &'static str {
        self.exit().kind()
    }

    /// Returns what programs read beside it.
    fn more(&self) -> serde_json::Map<String, serde_json::Value> {
        serde_json::Map::new()
    }
}

impl<E: Coded> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            kind: error.kind(),
            more: error.more(),
            ..Self::new(error.exit(), error.to_string())
        }
    }
}

impl Coded for CallError {
    fn exit(&self) -> Exit {
        match self {
            Self::Route(error) => error.exit(),
            Self::Denied(_) => Exit::Refused,
            Self::Workspace(error) => error.exit(),
            Self::Directory { error, .. } => error.exit(),
            Self::Grants(error) => error.exit(),
            Self::Execution(error) | Self::Settle(SettleError::Execution(error)) => error.exit(),
            Self::Run(error, _) => error.exit(),
            Self::Settle(SettleError::Conflict { .. }) => Exit::Conflict,
            Self::Settle(SettleError::Several { source, .. }) => match &**source {
                SettleError::Conflict { .. } => Exit::Conflict,
                SettleError::Execution(error) => error.exit(),
                SettleError::Tree(_) | SettleError::Several { .. } => Exit::Failed,
            },
            Self::Settle(SettleError::Tree(_)) | Self::Inside { .. } => Exit::Failed,
        }
    }

    fn kind(&self) -> &'static str {
        Self::kind(self).name()
    }

    fn more(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut more = serde_json::Map::new();
        if let Some(breach) = self.breach() {
            more.insert("limit".to_owned(), serde_json::json!(breach));
        }
        if let Some(usage) = self.usage() {
            more.insert("usage".to_owned(), serde_json::json!(usage));
        }
        more
    }
}

impl Coded for PlanError {
    fn exit(&self) -> Exit {
        match self {
            Self::Call(error) => error.exit(),
            Self::Config(error) => error.exit(),
            Self::NoFolder
            | Self::NoWorkflow { .. }
            | Self::Inactive { .. }
            | Self::Input { .. }
            | Self::NoPlan { .. }
            | Self::OtherPlan { .. }
            | Self::NoAgent { .. } => Exit::Usage,
        }
    }
}

impl Coded for AgentError {
    fn exit(&self) -> Exit {
        match self {
            Self::Call(error) => error.exit(),
            Self::NoProvider { .. } | Self::ProviderName { .. } | Self::NoModel { .. } => {
                Exit::Usage
            }
            Self::Model {
                source: ChatError::Permission { .. },
                ..
            } => Exit::Refused,
            Self::Model { .. } | Self::Filtered { .. } | Self::Unfit { .. } => Exit::Failed,
            Self::Cut { .. } | Self::Limit { .. } | Self::Cancelled => Exit::Limit,
        }
    }
}

impl Coded for McpError {
    fn exit(&self) -> Exit {
        match self {
            Self::Stdio { .. } => Exit::Usage,
            Self::Handshake { .. } | Self::Inside { .. } => Exit::Failed,
            Self::Complete { source, .. } => source.exit(),
        }
    }
}

impl Coded for DirectoryError {
    fn exit(&self) -> Exit {
        match self {
            Self::Own { .. }
            | Self::Steers { .. }
            | Self::CodeRunsThere { .. }
            | Self::MadeUp { .. } => Exit::Refused,
            Self::Missing { .. }
            | Self::Open { .. }
            | Self::Walled { .. }
            | Self::NotADirectory { .. }
            | Self::Link { .. }
            | Self::SameName { .. }
            | Self::Overlap { .. } => Exit::Usage,
        }
    }
}

impl Coded for GiveError {
    fn exit(&self) -> Exit {
        match self {
            Self::Grants(error) => error.exit(),
            Self::Directory(error) => error.exit(),
        }
    }
}

impl Coded for RouteError {
    fn exit(&self) -> Exit {
        match self {
            Self::UnknownPlugin { .. }
            | Self::UnknownTool { .. }
            | Self::WrongKind { .. }
            | Self::NotOffered { .. }
            | Self::PromptArguments { .. }
            | Self::Arguments { .. } => Exit::Usage,
        }
    }
}

impl Coded for RunError {
    fn exit(&self) -> Exit {
        match self {
            Self::Limit(_) | Self::Deadline { .. } | Self::Cancelled => Exit::Limit,
            Self::WrongKind { .. } => Exit::Usage,
            Self::Trapped { .. }
            | Self::Exited { .. }
            | Self::BadReply { .. }
            | Self::Start { .. } => Exit::Failed,
        }
    }
}

impl Coded for ExecutionError {
    fn exit(&self) -> Exit {
        match self {
            Self::Running { .. }
            | Self::Busy { .. }
            | Self::CheckedOut { .. }
            | Self::Materialized { .. }
            | Self::HalfMerged { .. }
            | Self::Unfit { .. }
            | Self::Undecided { .. }
            | Self::Crowded { .. } => Exit::Conflict,
            Self::Uncommitted { .. } => Exit::Refused,
            Self::Unknown { .. }
            | Self::StepsUncommitted
            | Self::PlanInSeveral
            | Self::Exists { .. }
            | Self::Begun { .. }
            | Self::NoCheckpoint { .. }
            | Self::NoBranch { .. }
            | Self::Unchanged { .. }
            | Self::Settled { .. }
            | Self::BadRecord { .. }
            | Self::Damaged { .. }
            | Self::NotExecution { .. }
            | Self::OlderBranch { .. }
            | Self::NoConflict { .. }
            | Self::NotInConflict { .. }
            | Self::Markers { .. }
            | Self::NotKept { .. }
            | Self::Late { .. }
            | Self::NoTarget { .. }
            | Self::OtherRepositories { .. }
            | Self::Unsaid { .. }
            | Self::Missing { .. }
            | Self::Member { .. }
            | Self::Moved { .. }
            | Self::BaseBranch { .. } => Exit::Usage,
            Self::Git(error) => error.exit(),
        }
    }
}

impl Coded for MergeError {
    fn exit(&self) -> Exit {
        match self {
            Self::Execution(error) => error.exit(),
            Self::Git(error) => error.exit(),
            Self::Config(error) => error.exit(),
            Self::Host(error) => error.exit(),
            Self::Inside(error) => error.exit(),
        }
    }
}

impl Coded for MembersError {
    fn exit(&self) -> Exit {
        match self {
            Self::Config(error) => error.exit(),
            Self::Git(error) => error.exit(),
            Self::Name { .. }
            | Self::NotText { .. }
            | Self::SameName { .. }
            | Self::SameRepository { .. } => Exit::Usage,
        }
    }
}

impl Coded for PullRequestError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoBranch { .. }
            | Self::NoTarget { .. }
            | Self::NoRemote { .. }
            | Self::NoToken { .. }
            | Self::BadToken { .. } => Exit::Usage,
            Self::Execution(error) => error.exit(),
            // Not a matter of how it was asked for: the remote refused.
            Self::Git(GitError::Command { .. }) => Exit::Failed,
            Self::Git(error) => error.exit(),
            Self::Host(error) => error.exit(),
            Self::Forge {
                source: ForgeError::Exists { .. },
                ..
            } => Exit::Conflict,
            Self::Send { .. } | Self::Forge { .. } => Exit::Failed,
        }
    }
}

impl Coded for GitError {
    fn exit(&self) -> Exit {
        match self {
            Self::RefLocked { .. } | Self::Unrelated { .. } => Exit::Conflict,
            Self::NoRepository { .. }
            | Self::Unborn { .. }
            | Self::NoCheckout { .. }
            | Self::ObjectFormat { .. }
            | Self::NoSuchCommit { .. }
            | Self::Object { .. }
            | Self::BadTree { .. }
            | Self::TooDeep { .. }
            | Self::Command { .. }
            | Self::Check { .. }
            | Self::File { .. }
            | Self::Settings { .. }
            | Self::RefInTheWay { .. }
            | Self::Library { .. } => Exit::Usage,
        }
    }
}

/// These say that the surroundings are not what they should be.
macro_rules! usage {
    ($($error:ty),*) => {
        $(impl Coded for $error {
            fn exit(&self) -> Exit {
                Exit::Usage
            }
        })*
    };
}

usage!(
    AuditError,
    ConfigError,
    GrantsError,
    HostError,
    HttpError,
    InitError,
    InvalidName,
    TokenError,
    WallError
);
