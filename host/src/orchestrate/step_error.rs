//! Why a step did not come to its end, and whether it is tried again.

use super::AgentError;
use super::plan::among;
use crate::flow::{CallError, FailureKind};

/// The most that a step may give, in bytes of JSON: it is kept in a commit's message.
pub(super) const LARGEST: usize = 256 << 10;

/// Why a step did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    /// What it is given cannot be worked out.
    #[error("input {key}: {why}")]
    Input { key: String, why: String },
    /// Its agent has no answer.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// Its call was not made.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Its tool failed.
    #[error("{tool}: {why}")]
    Tool { tool: String, why: String },
    /// It does not give what it says.
    #[error("it was to give {name:?}, and {tool} gave no such thing{}", among(gave.iter().map(String::as_str)))]
    NoOutput {
        name: String,
        tool: String,
        gave: Vec<String>,
    },
    /// It gives too much.
    #[error(
        "it gives {size} bytes, and a step may give {LARGEST}: have it write a file, and give the file's name"
    )]
    TooLarge { size: usize },
    /// It took too long.
    #[error("it was not done within {seconds} s: raise its `timeout`, or have it do less")]
    Late { seconds: u64 },
    /// Steps beside it were first, each time.
    #[error("steps beside it changed the same lines of {}: have one of them depend on the other", paths.join(", "))]
    Conflict { paths: Vec<String> },
}

impl StepError {
    fn is_cancelled(&self) -> bool {
        match self {
            Self::Agent(AgentError::Cancelled) => true,
            Self::Call(error) | Self::Agent(AgentError::Call(error)) => {
                error.kind() == FailureKind::Cancelled
            }
            _ => false,
        }
    }

    /// Tells whether it may go better the next time.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Input { .. } | Self::TooLarge { .. } | Self::NoOutput { .. } => false,
            Self::Call(error) | Self::Agent(AgentError::Call(error)) => {
                error.kind() != FailureKind::Denied
            }
            _ => !self.is_cancelled(),
        }
    }
}
