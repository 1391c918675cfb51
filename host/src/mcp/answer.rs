//! What a call is answered with: what its plugin said, and what the host says of it.

use rmcp::model::CallToolResult;
use serde::{Deserialize, Serialize};

use super::caller::Caller;

/// The whole of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) result: CallToolResult,
    /// How many pieces of its content are the plugin's. Those after them are the host's.
    pub(super) said: usize,
    /// The call, by whose name the whole is kept.
    pub(super) call: String,
}

impl From<CallToolResult> for Answer {
    /// Makes an answer that is the host's.
    fn from(result: CallToolResult) -> Self {
        Self {
            result,
            said: 0,
            call: String::new(),
        }
    }
}

/// When what a call changed can be merged.
#[derive(Debug, Clone, Copy)]
pub(super) enum Open {
    /// Once its connection is closed.
    WithConnection,
    /// Once nothing was called for so many seconds: over HTTP no connection lasts.
    Quiet(u32),
}

impl std::fmt::Display for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WithConnection => f.write_str("Once this connection is closed"),
            Self::Quiet(seconds) => write!(f, "Once nothing was called for {seconds} s"),
        }
    }
}

impl Caller {
    /// Says for how long what they change cannot be merged by others.
    pub(super) fn open(&self) -> Open {
        if self.is_here() {
            Open::WithConnection
        } else {
            Open::Quiet(self.host.settings().mcp.idle_seconds)
        }
    }

    /// Makes what a caller is shown of an answer: what its plugin said is cut where it is long, and kept.
    pub(super) fn shown(&self, answer: Answer) -> CallToolResult {
        let Answer {
            mut result,
            said,
            call,
        } = answer;
        let said = said.min(result.content.len());
        let of_host = result.content.split_off(said);
        let most = self.host.settings().mcp.result_chars;
        let mut result = self.kept.bound(result, &call, most);
        result.content.extend(of_host);
        result
    }
}
