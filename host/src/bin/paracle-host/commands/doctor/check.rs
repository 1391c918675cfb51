//! One thing that was looked at.

use serde::Serialize;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// The host works, and not as well as it could.
    Warning,
    /// Something will not work, or is not safe.
    Problem,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What was looked at, how it is, and what a person can do.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) todo: Option<String>,
    /// More, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<serde_json::Value>,
}

impl Check {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            found: found.into(),
            todo: None,
            detail: None,
        }
    }

    pub(super) fn warning(
        name: &'static str,
        found: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Warning,
            todo: Some(todo.into()),
            ..Self::ok(name, found)
        }
    }

    pub(super) fn problem(
        name: &'static str,
        found: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Problem,
            ..Self::warning(name, found, todo)
        }
    }
}
