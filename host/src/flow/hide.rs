//! Hiding secrets in what a call ends with. A guest never sees one; this is for whatever brought it in by another way.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{ChatError, ContextError, Ended, Reply, ToolError};
use crate::observe::{hides, redact};
use crate::sandbox::RunError;

const UNSHOWN: &str = "the answer held a secret and cannot be shown without it";

/// Hides secrets in an answer, before it is part of a receipt, an event or a commit.
pub(super) fn reply(reply: Reply) -> Reply {
    if !hides() {
        return reply;
    }
    let runtime = || ToolError::Runtime {
        message: UNSHOWN.to_owned(),
    };
    let invalid = || ChatError::InvalidRequest {
        message: UNSHOWN.to_owned(),
    };
    let unread = || ContextError::Runtime {
        message: UNSHOWN.to_owned(),
    };
    match reply {
        Reply::Tool(reply) => Reply::Tool(both(reply, runtime)),
        Reply::Chat(reply) => Reply::Chat(both(reply, invalid)),
        Reply::Models(reply) => Reply::Models(both(reply, invalid)),
        Reply::Resources(reply) => Reply::Resources(both(reply, unread)),
        Reply::Read(reply) => Reply::Read(both(reply, unread)),
        Reply::Prompt(reply) => Reply::Prompt(both(reply, unread)),
        Reply::Complete(reply) => Reply::Complete(both(reply, unread)),
    }
}

/// Hides secrets in why a guest did not answer.
pub(super) fn ended(ended: Ended<RunError>) -> Ended<RunError> {
    let hidden = |text: String| redact(&text).into_owned();
    let error = match ended.error {
        RunError::Trapped { reason } => RunError::Trapped {
            reason: hidden(reason),
        },
        RunError::BadReply { what } => RunError::BadReply { what: hidden(what) },
        RunError::Start { reason } => RunError::Start {
            reason: hidden(reason),
        },
        error => error,
    };
    Ended { error, ..ended }
}

fn both<T, E>(reply: Result<T, E>, unshown: impl Fn() -> E) -> Result<T, E>
where
    T: Serialize + DeserializeOwned,
    E: Serialize + DeserializeOwned,
{
    match reply {
        Ok(said) => through(said).ok_or_else(unshown),
        Err(error) => Err(through(error).unwrap_or_else(unshown)),
    }
}

/// Hides secrets in all texts of a value; none where what is left is no such value any more.
fn through<T: Serialize + DeserializeOwned>(value: T) -> Option<T> {
    let json = serde_json::to_string(&value).ok()?;
    match redact(&json) {
        std::borrow::Cow::Borrowed(_) => Some(value),
        std::borrow::Cow::Owned(hidden) => serde_json::from_str(&hidden).ok(),
    }
}
