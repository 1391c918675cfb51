//! Headers that are the host's to set, because they say where a message ends, where it goes, or through whom.

use http::HeaderName;

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

#[cfg(test)]
mod tests {
    use super::*;

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
