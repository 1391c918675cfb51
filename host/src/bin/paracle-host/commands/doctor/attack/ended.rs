//! How an attack ended, as its client sees it.

use serde::Serialize;
use serde_json::Value;

/// What came of an attack.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Ended {
    /// `answered`, `unloaded`, `loaded`, or the kind of the error.
    pub(super) how: String,
    /// For an attack that was not loaded: why, in one word.
    pub(super) reason: Option<String>,
    /// The key of the limit that was reached.
    pub(super) limit: Option<String>,
    /// What failed of a request, as the guest was told.
    pub(super) failed: Option<String>,
    /// What was said.
    pub(super) message: String,
    /// What a program reads of the answer.
    #[serde(skip)]
    pub(super) structured: Value,
}

impl Ended {
    /// Reads the answer to a call.
    pub(super) fn of_call(answer: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let result = &answer["result"];
        let error = &result["_meta"]["dev.paracle/error"];
        let how = match result["isError"].as_bool() {
            _ if result.is_null() => "protocol".to_owned(),
            Some(true) => text(error.get("kind")).unwrap_or_default(),
            Some(false) | None => "answered".to_owned(),
        };
        let said = result
            .pointer("/content/0/text")
            .or_else(|| answer.pointer("/error/message"));
        Self {
            how,
            reason: None,
            limit: text(error.pointer("/limit/key")),
            failed: text(result.pointer("/structuredContent/error")),
            message: text(said).unwrap_or_default(),
            structured: result["structuredContent"].clone(),
        }
    }

    /// Reads what `plugin list --json` says of the plugins that are not the neighbour's.
    pub(super) fn of_load(list: &Value) -> Self {
        let failure = &list["failures"][0];
        let text = |key: &str| failure[key].as_str().map(str::to_owned);
        let message = text("error").unwrap_or_default();
        Self {
            how: if failure.is_null() {
                "loaded"
            } else {
                "unloaded"
            }
            .to_owned(),
            reason: text("kind"),
            limit: key_in(&message),
            failed: None,
            message,
            structured: Value::Null,
        }
    }

    /// Says it in a few words.
    pub(super) fn short(&self) -> String {
        let how = match (&self.reason, &self.limit) {
            (_, Some(limit)) if self.how == "unloaded" => format!("not loaded: limit {limit}"),
            (Some(reason), None) => format!("not loaded: {reason}"),
            (_, Some(limit)) => format!("limit {limit}"),
            (None, None) => self.how.clone(),
        };
        if self.how == "tool" {
            let said: String = self.message.chars().take(40).collect();
            return format!("{how}: {said}");
        }
        how
    }
}

/// Finds the key of a limit in its sentence, where only the sentence is at hand.
fn key_in(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("limits: { ")?;
    let (key, _) = rest.split_once(':')?;
    Some(key.to_owned())
}
