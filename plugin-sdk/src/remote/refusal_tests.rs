//! Which error is made of what servers are known to say.

use super::*;
use serde_json::json;

/// Tells whether an error is of a kind.
type Is = fn(&ChatError) -> bool;

fn error(status: u16, body: &Value) -> ChatError {
    Refusal::new(status, body.to_string().as_bytes()).error("small", Some("MY_KEY"))
}

#[test]
fn each_status_is_the_error_that_it_means() {
    let said = |kind: &str| json!({"error": {"message": "Told.", "type": kind}});
    let table: [(u16, &str, Is); 14] = [
        (400, "invalid_request_error", |e| {
            matches!(e, ChatError::InvalidRequest(_))
        }),
        (422, "", |e| matches!(e, ChatError::InvalidRequest(_))),
        (413, "request_too_large", |e| {
            matches!(e, ChatError::InvalidRequest(_))
        }),
        (404, "", |e| matches!(e, ChatError::InvalidRequest(_))),
        (308, "", |e| matches!(e, ChatError::InvalidRequest(_))),
        (401, "authentication_error", |e| {
            matches!(e, ChatError::Authentication(_))
        }),
        (402, "billing_error", |e| {
            matches!(e, ChatError::Authentication(_))
        }),
        (403, "permission_error", |e| {
            matches!(e, ChatError::Authentication(_))
        }),
        (429, "insufficient_quota", |e| {
            matches!(e, ChatError::Authentication(_))
        }),
        (429, "rate_limit_error", |e| {
            matches!(e, ChatError::RateLimit(_))
        }),
        (503, "", |e| matches!(e, ChatError::Overloaded(_))),
        (529, "overloaded_error", |e| {
            matches!(e, ChatError::Overloaded(_))
        }),
        (500, "api_error", |e| matches!(e, ChatError::Connection(_))),
        (504, "timeout_error", |e| {
            matches!(e, ChatError::Connection(_))
        }),
    ];
    for (status, kind, is) in table {
        let error = error(status, &said(kind));
        assert!(is(&error), "{status} {kind}: {error:?}");
    }
}

#[test]
fn a_model_that_nobody_has_is_told_from_a_place_that_is_none() {
    let unknown = ChatError::UnknownModel("small".into());
    for (status, body) in [
        (
            404,
            json!({"error": {"message": "The model `small` does not exist", "code": "model_not_found"}}),
        ),
        (
            400,
            json!({"error": {"message": "no", "code": "model_not_found"}}),
        ),
        (
            404,
            json!({"type": "error", "error": {"type": "not_found_error", "message": "model: small"}}),
        ),
        (404, json!({"error": "model 'small' not found"})),
        (
            404,
            json!({"object": "error", "message": "The model `small` does not exist.", "code": 404}),
        ),
        (
            400,
            json!({"error": {"message": "Invalid model name passed in model=small", "code": "400"}}),
        ),
    ] {
        assert_eq!(error(status, &body), unknown, "{body}");
    }
    let ChatError::InvalidRequest(said) = error(404, &json!({"detail": "Not Found"})) else {
        panic!("a page that is not there is no model")
    };
    assert!(said.contains("`base_url`"), "{said}");
}

#[test]
fn no_part_of_a_key_is_in_an_error() {
    let body = json!({"error": {
        "message": "Incorrect API key provided: sk-ab****yz.", "type": "sk-abcd", "code": "invalid_api_key",
    }});
    for status in [401, 403] {
        let text = format!("{:?}", error(status, &body));
        assert!(!text.contains("sk-"), "{text}");
        assert!(
            text.contains("MY_KEY") && text.contains("invalid_api_key"),
            "{text}"
        );
    }
    let without = Refusal::new(401, b"").error("small", None);
    assert!(format!("{without:?}").contains("as `key`"), "{without:?}");
}

#[test]
fn a_servers_words_are_one_line_of_bounded_length() {
    let body = json!({"error": {"message": format!("a\n\tb \u{1b}[31m{}", "x".repeat(5000))}});
    let ChatError::InvalidRequest(said) = error(400, &body) else {
        panic!("it is a request that is not valid")
    };
    assert!(
        said.starts_with("a b [31mx") && said.chars().count() < 600,
        "{said}"
    );
    let page = Refusal::new(502, b" <html>Bad Gateway</html>").error("small", None);
    assert_eq!(page, ChatError::Connection("status 502".into()));
    let plain = Refusal::new(500, b"it broke").error("small", None);
    assert_eq!(plain, ChatError::Connection("it broke (status 500)".into()));
}

#[test]
fn an_error_within_a_stream_has_the_status_of_its_name() {
    let error = |value: Value| Refusal::of_event(&value).error("small", None);
    let overloaded = error(
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    );
    assert_eq!(
        overloaded,
        ChatError::Overloaded("Overloaded (status 529)".into())
    );
    let limited =
        error(json!({"error": {"message": "Slow down", "type": "throttling", "code": "429"}}));
    assert!(matches!(limited, ChatError::RateLimit(_)), "{limited:?}");
    let other = error(json!({"error": "it broke"}));
    assert_eq!(other, ChatError::Connection("it broke (status 500)".into()));
}
