//! Headers that are the host's to set, because they say where a message ends, where it goes, or through whom; and what is
//! hidden in those of an answer.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::observe;

/// What a header is called whose own name would tell a secret.
const HIDDEN: HeaderName = HeaderName::from_static("hidden-secret");

/// Tells whether a header is not a plugin's: it is refused in requests, and not shown in answers.
pub fn forbidden(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "host"
            | "connection"
            | "keep-alive"
            | "transfer-encoding"
            | "te"
            | "trailer"
            | "upgrade"
            | "expect"
            | "http2-settings"
    ) || name.as_str().starts_with("proxy-")
}

/// Hides secrets that a server sends back in headers, in their names too.
pub(super) fn hide_in_headers(headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if let Cow::Owned(hidden) = observe::redact_bytes(value.as_bytes()) {
            *value = HeaderValue::from_bytes(&hidden)
                .unwrap_or_else(|_| HeaderValue::from_static("[secret]"));
        }
    }
    let telling: Vec<HeaderName> = headers
        .keys()
        .filter(|name| observe::tells(name.as_str()))
        .cloned()
        .collect();
    for name in telling {
        // Names have one case here: what was kept of the secret is in no value either.
        let values: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
        headers.remove(&name);
        for value in values {
            headers.append(HIDDEN, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_name_of_a_header_is_hidden_in_any_case_and_encoding() {
        let name = "HEADER_NAME_KEY".parse().unwrap();
        let value = crate::model::SecretValue::new("Sk-Live/Name+77Zq").unwrap();
        observe::hide(&name, &value);
        for told in [
            "x-sk-live%2fname%2b77zq-y",
            // In base64, and in hex.
            "x-u2sttgl2zs9oyw1lkzc3wne",
            "x-536b2d4c6976652f4e616d652b37375a71",
        ] {
            let mut headers = HeaderMap::new();
            headers.append(
                HeaderName::from_bytes(told.as_bytes()).unwrap(),
                HeaderValue::from_static("1"),
            );
            headers.append(
                HeaderName::from_bytes(told.as_bytes()).unwrap(),
                HeaderValue::from_static("2"),
            );
            headers.append("x-other", HeaderValue::from_static("3"));
            hide_in_headers(&mut headers);
            assert!(!headers.contains_key(told), "{told}");
            assert_eq!(headers.get_all(HIDDEN).iter().count(), 2, "{told}");
            assert_eq!(headers["x-other"], "3");
        }
    }

    #[test]
    fn what_frames_or_routes_a_message_is_forbidden() {
        for name in wasmtime_forbids() {
            assert!(forbidden(&name), "{name}");
        }
        for name in ["te", "trailer", "expect", "proxy-anything"] {
            assert!(forbidden(&HeaderName::from_static(name)), "{name}");
        }
        for name in ["authorization", "accept", "content-length", "cookie"] {
            assert!(!forbidden(&HeaderName::from_static(name)), "{name}");
        }
    }

    /// The list that would apply without ours.
    fn wasmtime_forbids() -> [HeaderName; 9] {
        [
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "transfer-encoding",
            "upgrade",
            "host",
            "http2-settings",
        ]
        .map(HeaderName::from_static)
    }
}
