//! What a server says in an answer's place, and which error it is.

use super::wait;
use crate::chat::{ChatError, RateLimit};
use crate::http::Response;
use serde_json::Value;

/// Bytes of a refusal that are read.
const MOST_BYTES: usize = 64 << 10;
/// Characters of a server's words that are passed on.
const MOST_WORDS: usize = 500;

/// What a server says in an answer's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    /// What the server calls it, such as `rate_limit_error` or `model_not_found`.
    codes: Vec<String>,
    /// What it tells people.
    message: String,
    retry_after_ms: Option<u64>,
}

impl Refusal {
    /// Reads an answer whose status is no success.
    pub fn of(response: &mut Response) -> Self {
        // Where the rest does not come, the status still says most of it.
        let (body, _) = response.beginning(MOST_BYTES).unwrap_or_default();
        Self {
            retry_after_ms: wait::asked(|name| response.header(name)),
            ..Self::new(response.status, &body)
        }
    }

    fn new(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let value = serde_json::from_slice(body).unwrap_or(Value::Null);
        Self {
            status,
            codes: codes(&value),
            message: match message(&value) {
                Some(message) => readable(message),
                // A page of a proxy is nothing that people read here.
                None if value.is_null() && !text.trim_start().starts_with('<') => readable(&text),
                None => String::new(),
            },
            retry_after_ms: None,
        }
    }

    /// Reads an error that came within a stream, as JSON. The status that it would have had is taken from what it is
    /// called.
    pub fn of_event(value: &Value) -> Self {
        let codes = codes(value);
        Self {
            status: codes.iter().find_map(|code| status(code)).unwrap_or(500),
            message: message(value).map(readable).unwrap_or_default(),
            codes,
            retry_after_ms: None,
        }
    }

    /// Returns the error that the host knows. `model` is what was asked for, and `key` the name of the secret that was
    /// sent.
    pub fn error(&self, model: &str, key: Option<&str>) -> ChatError {
        let said = self.said();
        match self.status {
            _ if self.is_unknown_model() => ChatError::UnknownModel(model.to_owned()),
            // Asking again does not help whoever cannot pay.
            _ if self.is_called("insufficient_quota") => ChatError::Authentication(said),
            // In its words there may be a part of the key.
            401 | 403 | 407 => ChatError::Authentication(self.unauthorised(key)),
            402 => ChatError::Authentication(said),
            408 | 500..=502 | 504..=528 | 530.. => ChatError::Connection(said),
            429 => ChatError::RateLimit(RateLimit {
                message: said,
                retry_after_ms: self.retry_after_ms,
            }),
            503 | 529 => ChatError::Overloaded(said),
            300..=399 => ChatError::InvalidRequest(format!(
                "the server answered with status {}, which leads elsewhere; set `base_url` to where it leads",
                self.status
            )),
            404 => ChatError::InvalidRequest(format!("{said}; is `base_url` right?")),
            _ => ChatError::InvalidRequest(said),
        }
    }

    fn is_called(&self, name: &str) -> bool {
        self.codes.iter().any(|code| code == name)
    }

    fn is_unknown_model(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        self.is_called("model_not_found")
            || (self.status == 404 && message.contains("model"))
            // What a gateway says of a name that it routes nowhere.
            || (self.status == 400 && message.contains("invalid model name"))
    }

    fn said(&self) -> String {
        if self.message.is_empty() {
            format!("status {}{}", self.status, self.called())
        } else {
            format!("{} (status {})", self.message, self.status)
        }
    }

    fn unauthorised(&self, key: Option<&str>) -> String {
        let mend = match key {
            Some(name) => format!("check the secret {name}, and what it may do"),
            None => "name the secret that holds your key as `key` in its `config:`".to_owned(),
        };
        format!("status {}{}; {mend}", self.status, self.called())
    }

    /// Says what the server calls it, where that is a name and no sentence.
    fn called(&self) -> String {
        let name = self.codes.iter().find(|code| is_name(code));
        name.map(|name| format!(" ({name})")).unwrap_or_default()
    }
}

fn is_name(code: &str) -> bool {
    code.len() <= 40
        && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        && status(code).is_some()
}

/// Returns what an error is called, wherever servers write it.
fn codes(value: &Value) -> Vec<String> {
    let error = value.get("error").filter(|error| error.is_object());
    let error = error.unwrap_or(value);
    let named = ["code", "type", "status_code"]
        .iter()
        .filter_map(|key| match error.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
    named.collect()
}

/// Returns what an error tells people, wherever servers write it.
fn message(value: &Value) -> Option<&str> {
    ["/error/message", "/error", "/message", "/detail"]
        .iter()
        .find_map(|at| value.pointer(at)?.as_str())
}

/// Returns the status of what is called so.
fn status(code: &str) -> Option<u16> {
    Some(match code {
        "invalid_request_error" | "request_too_large" | "BadRequestError" => 400,
        "authentication_error" | "invalid_api_key" => 401,
        "billing_error" | "insufficient_quota" => 402,
        "permission_error" => 403,
        "not_found_error" | "model_not_found" => 404,
        "rate_limit_error" | "rate_limit_exceeded" => 429,
        "api_error" | "server_error" => 500,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        other => other
            .parse()
            .ok()
            .filter(|status| (400..600).contains(status))?,
    })
}

/// Makes one line of a server's words, and no endless one.
fn readable(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    let words = words.iter().filter(|word| !word.is_empty());
    let line = words.copied().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
