//! From a call that failed to what the assistant reads: an error that it can act on is a result, not a protocol error.

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestMethod, CallToolRequestParams, CallToolResult, ConstString as _, ContentBlock,
    CustomRequest, ErrorCode,
};
use serde_json::{Value, json};

use super::talk::Era;
use super::{clean, convert};
use crate::flow::{CallError, FailureKind};
use crate::model::{Breach, ContextError, Denied, ExecutionId, ToolError};

/// Where a result's `_meta` says what kind of error it is.
const ERROR: &str = "dev.paracle/error";

/// The longest error, in characters: a plugin's own words are not bounded by its result's limit.
const LONGEST_ERROR: usize = 16 * 1024;

/// The longest name of a method that an error repeats, in characters.
const LONGEST_METHOD: usize = 80;

/// Methods beside `tools/call` that are answered here: one of them that was not understood is in a wrong form.
const OTHERS: &[&str] = &[
    "completion/complete",
    "logging/setLevel",
    "prompts/get",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "subscriptions/listen",
];

/// Those of them that 2026-07-28 has not any more, and what is done there instead.
const REMOVED: &[(&str, &str)] = &[
    (
        "logging/setLevel",
        "name the level in each request, as `io.modelcontextprotocol/logLevel` of its `_meta`",
    ),
    (
        "resources/subscribe",
        "send `subscriptions/listen` with the addresses as `resourceSubscriptions` of its `notifications`",
    ),
    (
        "resources/unsubscribe",
        "cancel the request `subscriptions/listen`, and send another one with the addresses that are left",
    ),
];

/// Makes the answer to a call of an execution that has no receipt.
pub(super) fn of_call(
    error: &CallError,
    execution: &ExecutionId,
) -> Result<CallToolResult, ErrorData> {
    let kind = error.kind();
    if kind == FailureKind::UnknownTool {
        return Err(unknown("tool", error));
    }
    let mut result = result(
        kind.name(),
        denied_of(error),
        error.breach(),
        &error.to_string(),
    );
    let receipt = json!({ "execution": execution, "usage": error.usage() });
    result
        .meta
        .get_or_insert_default()
        .insert(convert::RECEIPT.to_owned(), receipt);
    Ok(result)
}

/// Makes the answer to a request for a tool or a prompt that is nowhere.
pub(super) fn unknown(kind: &str, error: &dyn std::error::Error) -> ErrorData {
    let why = clean::line(&error.to_string(), LONGEST_ERROR);
    ErrorData::invalid_params(format!("unknown {kind}: {why}"), None)
}

/// Makes the answer to a request for a resource, a prompt or suggestions that has no receipt: there is no result that an error
/// could be said in.
pub(super) fn of_request(error: &CallError) -> ErrorData {
    let kind = error.kind();
    let text = clean::text(&error.to_string(), LONGEST_ERROR);
    let data = meta(kind.name(), denied_of(error), error.breach());
    match kind {
        FailureKind::UnknownTool | FailureKind::Arguments => {
            ErrorData::invalid_params(text, Some(data))
        }
        FailureKind::Denied
        | FailureKind::Workspace
        | FailureKind::Plugin
        | FailureKind::Limit
        | FailureKind::Cancelled
        | FailureKind::Conflict
        | FailureKind::Inside => ErrorData::internal_error(text, Some(data)),
    }
}

/// Makes the answer to such a request whose plugin answered with an error.
pub(super) fn of_context(error: &ContextError) -> ErrorData {
    let text = clean::text(&error.to_string(), LONGEST_ERROR);
    match error {
        ContextError::NotFound { .. } | ContextError::InvalidValue { .. } => {
            ErrorData::invalid_params(text, None)
        }
        ContextError::Permission { denied } => {
            let data = meta(FailureKind::Denied.name(), Some(denied), None);
            ErrorData::internal_error(text, Some(data))
        }
        ContextError::Runtime { .. } | ContextError::Cancelled => {
            ErrorData::internal_error(text, None)
        }
    }
}

fn denied_of(error: &CallError) -> Option<&Denied> {
    match error {
        CallError::Denied(denied) => Some(denied),
        _ => None,
    }
}

/// Makes the answer to a request about a task that is none of the caller's.
pub(super) fn unknown_task(id: &str) -> ErrorData {
    let id = clean::line(id, LONGEST_METHOD);
    ErrorData::invalid_params(
        format!(
            "there is no task {id:?} of yours: it was never there, or is not kept any longer; call the tool again"
        ),
        None,
    )
}

/// Makes the answer to a call whose tool answered with an error.
pub(super) fn of_tool(error: &ToolError) -> CallToolResult {
    let (kind, denied) = match error {
        ToolError::UnknownTool { .. } => (FailureKind::UnknownTool.name(), None),
        ToolError::InvalidValue { .. } => (FailureKind::Arguments.name(), None),
        ToolError::Permission { denied } => (FailureKind::Denied.name(), Some(denied)),
        ToolError::Runtime { .. } => ("tool", None),
        ToolError::Cancelled => (FailureKind::Cancelled.name(), None),
    };
    result(kind, denied, None, &error.to_string())
}

/// Makes the answer to a call of a tool of the host's own that failed.
pub(super) fn of_own(kind: FailureKind, text: &str) -> CallToolResult {
    result(kind.name(), None, None, text)
}

/// Says why a call failed, as a client may read it.
pub(super) fn said(error: &CallError) -> String {
    clean::text(&error.to_string(), LONGEST_ERROR)
}

/// Makes the answer to a call whose person was asked, and did not agree.
pub(super) fn declined(refusal: &str) -> CallToolResult {
    result(
        FailureKind::Denied.name(),
        None,
        None,
        &format!("the person was asked and does not allow it: {refusal}"),
    )
}

/// Makes the answer to a call that something else than a tool answered.
pub(super) fn not_a_tool() -> CallToolResult {
    result(
        FailureKind::Inside.name(),
        None,
        None,
        "something else than a tool answered; this is a bug, please report it",
    )
}

/// Makes the answer to a request that the library did not understand: another method, or a tool's call in a wrong form.
pub(super) fn not_understood(request: &CustomRequest, era: Era) -> ErrorData {
    let method = clean::line(&request.method, LONGEST_METHOD);
    check_there(&request.method, era)
        .err()
        .unwrap_or_else(|| misformed(request, &method))
}

/// Refuses a method that the era of a request has not.
pub(super) fn check_there(method: &str, era: Era) -> Result<(), ErrorData> {
    match era {
        Era::Modern => match instead(method) {
            Some(said) => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, said, None)),
            None => Ok(()),
        },
        Era::Legacy => Ok(()),
    }
}

/// Says what is to be done instead of a method that is there no more.
pub(super) fn instead(method: &str) -> Option<String> {
    let (_, instead) = REMOVED.iter().find(|(removed, _)| *removed == method)?;
    Some(format!(
        "there is no method {method} any more in 2026-07-28: {instead}"
    ))
}

/// Has an error say what to do that the library answers with a method's name alone.
pub(super) fn reword(error: &mut ErrorData) {
    if let Some(said) = instead(&error.message) {
        error.message = said.into();
    }
}

fn unknown_method(method: &str) -> ErrorData {
    ErrorData::new(
        ErrorCode::METHOD_NOT_FOUND,
        format!("there is no method {method:?} here"),
        None,
    )
}

fn misformed(request: &CustomRequest, method: &str) -> ErrorData {
    if OTHERS.contains(&request.method.as_str()) {
        return ErrorData::invalid_params(
            format!("the parameters of {method} cannot be read: look them up in the protocol"),
            None,
        );
    }
    if request.method != CallToolRequestMethod::VALUE {
        return unknown_method(method);
    }
    let params = request.params.clone().unwrap_or_default();
    let reason = match serde_json::from_value::<CallToolRequestParams>(params) {
        Ok(_) => "it cannot be read".to_owned(),
        Err(error) => clean::line(&error.to_string(), LONGEST_ERROR),
    };
    ErrorData::invalid_params(
        format!("{method} needs a `name` and, as an object, `arguments`: {reason}"),
        None,
    )
}

/// Makes the answer to a request whose handler broke.
pub(super) fn broke(reason: &str) -> ErrorData {
    ErrorData::internal_error(
        format!(
            "the host failed inside: {}; this is a bug, please report it",
            clean::line(reason, LONGEST_ERROR)
        ),
        None,
    )
}

fn result(
    kind: &str,
    denied: Option<&Denied>,
    limit: Option<&Breach>,
    text: &str,
) -> CallToolResult {
    let text = clean::text(text, LONGEST_ERROR);
    CallToolResult::error(vec![ContentBlock::text(text)])
        .with_meta(Some(convert::meta(ERROR, meta(kind, denied, limit))))
}

fn meta(kind: &str, denied: Option<&Denied>, limit: Option<&Breach>) -> Value {
    let mut meta = json!({ "kind": kind });
    if let (Some(denied), Value::Object(meta)) = (denied, &mut meta) {
        meta.insert("denied".to_owned(), json!(denied));
    }
    if let (Some(limit), Value::Object(meta)) = (limit, &mut meta) {
        meta.insert("limit".to_owned(), json!(limit));
    }
    meta
}
