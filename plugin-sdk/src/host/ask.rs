//! Questions to the person. Needs the `ask` capability.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::ask as host;
use crate::plugin::{Capability, Denied};
use crate::schema::{self, Side};
use crate::tool::ToolError;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::fmt;

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
    let schema = schema::of::<T>(Side::In).0.to_string();
    match host::ask(&host::Question {
        message: message.to_owned(),
        schema,
    }) {
        Ok(host::Answer::Accepted(json)) => serde_json::from_str(&json)
            .map(Answer::Accepted)
            .map_err(|e| AskError::Unreadable(e.to_string())),
        Ok(host::Answer::Declined) => Ok(Answer::Declined),
        Ok(host::Answer::Cancelled) => Ok(Answer::Cancelled),
        Err(host::AskError::Permission(denied)) => Err(AskError::Permission(denied)),
        Err(host::AskError::NotAvailable(why)) => Err(AskError::NotAvailable(why)),
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission(denied) => f.write_str(&denied.text()),
            Self::NotAvailable(why) => write!(f, "there is nobody to ask: {why}"),
            Self::Unreadable(why) => write!(f, "the answer does not fit the question: {why}"),
        }
    }
}

impl std::error::Error for AskError {}

impl From<AskError> for ToolError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Permission(denied) => Self::Permission(denied),
            AskError::NotAvailable(_) | AskError::Unreadable(_) => Self::runtime(error),
        }
    }
}
