//! Why a call has no receipt.

use crate::execution::{ExecutionError, SettleError};
use crate::git::GitError;
use crate::grants::GrantsError;
use crate::model::{Breach, ChatError, Denied, Ended, ToolError, Usage};
use crate::registry::RouteError;
use crate::sandbox::RunError;
use crate::workspace::DirectoryError;

/// What ended a call before its receipt.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No plugin answers it, or its arguments do not fit.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// It was refused.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What the person granted cannot be read.
    #[error(transparent)]
    Grants(#[from] GrantsError),
    /// Its isolated tree could not be opened.
    #[error("the call needs a git repository to work in: {0}")]
    Workspace(#[from] GitError),
    /// A directory that it was granted cannot be given.
    #[error("{error}{}", grant.as_deref().map_or_else(String::new, |grant| format!("; {grant}")))]
    Directory {
        /// Why.
        error: Box<DirectoryError>,
        /// Whose grant names it, and how to take that back.
        grant: Option<String>,
    },
    /// Its execution could not be begun.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The guest did not answer; with what the call took until then.
    #[error("{0}")]
    Run(RunError, Box<Usage>),
    /// What it changed could not be landed.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The host itself failed.
    #[error("the host failed inside: {reason}; this is a bug, please report it")]
    Inside {
        /// What happened.
        reason: String,
    },
}

/// What kind of failure ended a call: what an edge makes a status of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// No plugin has such a tool.
    UnknownTool,
    /// The arguments do not fit.
    Arguments,
    /// It was refused.
    Denied,
    /// There is no repository to work in, or it, or a granted directory, cannot be used.
    Workspace,
    /// The plugin crashed, exited, could not start, or answered what it may not.
    Plugin,
    /// A limit or the deadline was reached.
    Limit,
    /// The caller gave up.
    Cancelled,
    /// The changes do not fit those of another call.
    Conflict,
    /// The host itself failed.
    Inside,
}

impl FailureKind {
    /// Returns the name that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownTool => "unknown-tool",
            Self::Arguments => "arguments",
            Self::Denied => "denied",
            Self::Workspace => "workspace",
            Self::Plugin => "plugin",
            Self::Limit => "limit",
            Self::Cancelled => "cancelled",
            Self::Conflict => "conflict",
            Self::Inside => "inside",
        }
    }
}

impl From<DirectoryError> for CallError {
    fn from(error: DirectoryError) -> Self {
        Self::Directory {
            error: Box::new(error),
            grant: None,
        }
    }
}

impl From<Ended<RunError>> for CallError {
    fn from(ended: Ended<RunError>) -> Self {
        Self::Run(ended.error, ended.usage)
    }
}

impl CallError {
    /// Returns the limit that was reached, if one was.
    pub const fn breach(&self) -> Option<&Breach> {
        match self {
            Self::Run(RunError::Limit(breach), _) => Some(breach),
            _ => None,
        }
    }

    /// Returns what the call took, if it ran.
    pub fn usage(&self) -> Option<&Usage> {
        match self {
            Self::Run(_, usage) => Some(usage),
            _ => None,
        }
    }

    /// Returns what kind of failure it is.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Route(RouteError::Arguments { .. } | RouteError::PromptArguments { .. }) => {
                FailureKind::Arguments
            }
            Self::Route(
                RouteError::UnknownPlugin { .. }
                | RouteError::UnknownTool { .. }
                | RouteError::NotOffered { .. }
                | RouteError::WrongKind { .. },
            )
            | Self::Run(RunError::WrongKind { .. }, _) => FailureKind::UnknownTool,
            Self::Denied(_) => FailureKind::Denied,
            Self::Workspace(_)
            | Self::Directory { .. }
            | Self::Grants(_)
            | Self::Execution(_)
            | Self::Settle(SettleError::Execution(_) | SettleError::Tree(_)) => {
                FailureKind::Workspace
            }
            Self::Run(
                RunError::Trapped { .. }
                | RunError::Exited { .. }
                | RunError::BadReply { .. }
                | RunError::Start { .. },
                _,
            ) => FailureKind::Plugin,
            Self::Run(RunError::Limit(_) | RunError::Deadline { .. }, _) => FailureKind::Limit,
            Self::Run(RunError::Cancelled, _) => FailureKind::Cancelled,
            Self::Settle(SettleError::Conflict { .. }) => FailureKind::Conflict,
            Self::Settle(SettleError::Several { source, .. }) => match **source {
                SettleError::Conflict { .. } => FailureKind::Conflict,
                SettleError::Execution(_) | SettleError::Tree(_) | SettleError::Several { .. } => {
                    FailureKind::Workspace
                }
            },
            Self::Inside { .. } => FailureKind::Inside,
        }
    }
}

impl From<CallError> for ToolError {
    /// Tells a plugin that called another why it has no answer.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Denied(denied) => denied.into(),
            CallError::Route(RouteError::Arguments { problems, .. }) if !problems.is_empty() => {
                let first = &problems[0];
                Self::InvalidValue {
                    at: first.at.clone(),
                    message: first.message.clone(),
                }
            }
            CallError::Route(RouteError::UnknownTool { tool, .. }) => {
                Self::UnknownTool { name: tool }
            }
            CallError::Run(RunError::Cancelled, _) => Self::Cancelled,
            error => Self::Runtime {
                message: error.to_string(),
            },
        }
    }
}

impl From<CallError> for ChatError {
    /// Tells a plugin that asked a model why it has no answer.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Denied(denied) => denied.into(),
            CallError::Run(RunError::Cancelled, _) => Self::Cancelled,
            CallError::Route(error) => Self::InvalidRequest {
                message: error.to_string(),
            },
            error => Self::Connection {
                message: error.to_string(),
            },
        }
    }
}
