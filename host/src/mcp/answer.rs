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

impl Caller {
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
