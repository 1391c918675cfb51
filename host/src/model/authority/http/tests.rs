//! What rules are, cover and contain.

use super::*;

fn rule(text: &str) -> HttpRule {
    text.parse().unwrap()
}

fn request(method: &str, url: &str) -> HttpRequest {
    let as_rule = rule(url);
    let port = match as_rule.port {
        PortPattern::One(port) => Some(port),
        PortPattern::Usual | PortPattern::Any => None,
    };
    HttpRequest::new(
        method,
        as_rule.scheme,
        &as_rule.host.to_string(),
        port,
        &as_rule.path,
    )
    .unwrap()
}

#[test]
fn rules_are_written_as_they_were_read() {
    for text in [
        "https://api.example.com",
        "http://127.0.0.1:8080/v1",
        "* https://*.example.com:*",
        "GET,POST https://api.example.com:8443/v1/",
        "https://* private",
        "https://[::1]:8443",
    ] {
        assert_eq!(rule(text).to_string(), text);
    }
    for text in [
        "",
        "example.com",
        "ftp://a.b",
        "https://",
        "https://a.b:0",
        "https://a.b:99999",
        "get https://a.b",
        "https://u@a.b",
        "https://a.b/?q",
        "https://a.b/#x",
        "https://a.b/../x",
        "https://a.b/%2e",
        "A B https://a.b",
        "https://a.b/*",
        "https://a.b public",
    ] {
        assert!(text.parse::<HttpRule>().is_err(), "{text:?}");
    }
}

#[test]
fn a_rule_covers_its_requests_and_no_others() {
    let read = rule("https://api.example.com/v1");
    assert!(read.covers(&request("GET", "https://api.example.com/v1")));
    assert!(read.covers(&request("head", "https://api.example.com/v1/models")));
    assert!(!read.covers(&request("POST", "https://api.example.com/v1")));
    assert!(!read.covers(&request("GET", "https://api.example.com/v10")));
    assert!(!read.covers(&request("GET", "https://api.example.com:8443/v1")));
    assert!(!read.covers(&request("GET", "http://api.example.com/v1")));
    assert!(!read.covers(&request("GET", "https://example.com/v1")));
    let mut twisted = request("GET", "https://api.example.com/v1");
    for path in [
        "/v1/../admin",
        "/v1/%2e%2E/admin",
        "/v1/..%2fadmin",
        "/v1\\..\\x",
        "/v1//x",
        "/v1/..;/x",
        "/v1/%252e%252e/x",
        "/v1/.%09./x",
    ] {
        twisted.path = path.to_owned();
        assert!(!read.covers(&twisted), "{path}");
    }
    assert!(rule("POST https://*:*").covers(&request("POST", "https://a.b:1234/x")));
}

#[test]
fn what_a_request_would_need_is_a_rule_that_can_be_read_back_and_no_wider() {
    for method in ["GET", "post", "M-SEARCH"] {
        let request = HttpRequest::new(method, Scheme::Https, "a.b", Some(8443), "/x").unwrap();
        let rule = request.rule();
        assert_eq!(rule.to_string().parse(), Ok(rule.clone()));
        assert!(rule.covers(&request));
    }
    for method in ["", "*", "M_1.X", "A B", "GET,POST", &"A".repeat(21)] {
        assert!(
            HttpRequest::new(method, Scheme::Https, "a.b", None, "/").is_err(),
            "{method}"
        );
    }
    let local = HttpRequest::new("GET", Scheme::Http, "localhost", Some(80), "/").unwrap();
    assert!(local.rule().private);
}

#[test]
fn a_rule_contains_narrower_ones() {
    let wide = rule("GET,POST https://*.example.com/v1");
    assert!(wide.contains(&rule("POST https://a.example.com/v1/x")));
    assert!(
        !wide.contains(&rule("https://a.example.com/v1")),
        "HEAD is not in it"
    );
    assert!(!wide.contains(&rule("POST https://a.example.com")));
    assert!(!wide.contains(&rule("POST https://a.example.com/v1 private")));
    assert!(rule("* https://*:*").contains(&wide));
    assert!(rule("https://a.b:443").contains(&rule("https://a.b")));
}
