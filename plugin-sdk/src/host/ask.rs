//! Questions to whoever called: to their person, to their model, and about their folders. Needs the `ask` capability.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::ask as host;
use crate::chat;
use crate::plugin::{Capability, Denied};
use crate::schema::{self, Side};
use crate::tool::ToolError;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::fmt;

#[doc(inline)]
pub use crate::tool::Ability;
#[doc(inline)]
pub use host::{Consent, Question, Reply, Request, Root, Visit};

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<T> {
    /// The person answered.
    Accepted(T),
    /// The person would rather not.
    Declined,
    /// The person closed the question.
    Cancelled,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum AskError {
    /// The operator has not granted it.
    Permission(Denied),
    /// There is nobody to ask: the caller cannot show a question.
    NotAvailable(String),
    /// The question itself is not right.
    InvalidRequest(String),
    /// The answer does not fit its type.
    Unreadable(String),
}

/// Asks the person, and reads the answer as a struct of flat fields.
///
/// ```no_run
/// use paracle_plugin_sdk::host::ask::{Answer, AskError, ask};
/// use paracle_plugin_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Sure {
///     /// Delete them all?
///     delete: bool,
/// }
///
/// let sure = matches!(ask::<Sure>("12 files are in the way")?, Answer::Accepted(Sure { delete: true }));
/// # Ok::<(), AskError>(())
/// ```
pub fn ask<T: JsonSchema + DeserializeOwned>(message: &str) -> Result<Answer<T>, AskError> {
    if !HOSTED {
        return Err(AskError::Permission(Denied::no_host(Capability::Ask)));
    }
    read(host::ask(&form::<T>(message))?)
}

/// Asks the person to open an `https:` address, for what must not pass through the client; true where they agreed to.
pub fn visit(message: &str, url: &str) -> Result<bool, AskError> {
    let visit = Request::Url(Visit {
        message: message.to_owned(),
        url: url.to_owned(),
    });
    match one(visit)? {
        Reply::Url(consent) => Ok(consent == Consent::Accepted),
        other => Err(unexpected(&other)),
    }
}

/// Asks the caller's own model. Needs `completions` of the provider `client`.
pub fn sample(request: &chat::Request) -> Result<chat::Response, AskError> {
    match one(Request::Sampling(request.clone()))? {
        Reply::Sampling(response) => Ok(response),
        other => Err(unexpected(&other)),
    }
}

/// Asks which folders the caller works in.
pub fn roots() -> Result<Vec<Root>, AskError> {
    match one(Request::Roots)? {
        Reply::Roots(roots) => Ok(roots),
        other => Err(unexpected(&other)),
    }
}

/// Says what the caller can be asked for.
pub fn abilities() -> Vec<Ability> {
    if HOSTED {
        host::abilities()
    } else {
        Vec::new()
    }
}

/// Asks several things at once, each under a key of its own: letters, digits, `_` and `-`. The replies are in the same order.
pub fn all<const N: usize>(requests: [(&str, Request); N]) -> Result<[Reply; N], AskError> {
    let requests = requests.map(|(key, request)| host::KeyedRequest {
        key: key.to_owned(),
        request,
    });
    if !HOSTED {
        return Err(AskError::Permission(Denied::no_host(Capability::Ask)));
    }
    let replies = host::ask_all(&requests)?;
    let count = replies.len();
    replies
        .try_into()
        .map_err(|_| AskError::Unreadable(format!("{count} replies came to {N} questions")))
}

/// Makes a form of a struct's fields, for [`all`].
pub fn form<T: JsonSchema>(message: &str) -> Question {
    Question {
        message: message.to_owned(),
        schema: schema::of::<T>(Side::In).0.to_string(),
    }
}

/// Reads the answer to a [`form`].
pub fn read<T: DeserializeOwned>(answer: host::Answer) -> Result<Answer<T>, AskError> {
    match answer {
        host::Answer::Accepted(json) => serde_json::from_str(&json)
            .map(Answer::Accepted)
            .map_err(|e| AskError::Unreadable(e.to_string())),
        host::Answer::Declined => Ok(Answer::Declined),
        host::Answer::Cancelled => Ok(Answer::Cancelled),
    }
}

fn one(request: Request) -> Result<Reply, AskError> {
    all([("answer", request)]).map(|[reply]| reply)
}

fn unexpected(reply: &Reply) -> AskError {
    AskError::Unreadable(format!("another question was answered: {reply:?}"))
}

impl From<host::AskError> for AskError {
    fn from(error: host::AskError) -> Self {
        match error {
            host::AskError::Permission(denied) => Self::Permission(denied),
            host::AskError::NotAvailable(why) => Self::NotAvailable(why),
            host::AskError::InvalidRequest(why) => Self::InvalidRequest(why),
        }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission(denied) => f.write_str(&denied.text()),
            Self::NotAvailable(why) => write!(f, "there is nobody to ask: {why}"),
            Self::InvalidRequest(why) => write!(f, "the question is not right: {why}"),
            Self::Unreadable(why) => write!(f, "the answer does not fit the question: {why}"),
        }
    }
}

impl std::error::Error for AskError {}

impl From<AskError> for ToolError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Permission(denied) => Self::Permission(denied),
            AskError::NotAvailable(_) | AskError::InvalidRequest(_) | AskError::Unreadable(_) => {
                Self::runtime(error)
            }
        }
    }
}
