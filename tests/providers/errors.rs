//! Errors, told apart by what servers are documented to answer.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::world::{PROVIDERS, Said, World, config, hello};

/// What the server says, and what the host has to be told: the case, words of the message, and how long to wait.
type Case = (u16, Value, &'static str, &'static str);

fn cases(provider: &str) -> Vec<Case> {
    match provider {
        "openai" => vec![
            (
                400,
                json!({"error": {"message": "'messages' is empty", "type": "invalid_request_error", "param": null, "code": null}}),
                "InvalidRequest",
                "'messages' is empty",
            ),
            (
                401,
                json!({"error": {"message": "Incorrect API key provided: sk-t***cdef.", "type": "invalid_request_error", "code": "invalid_api_key"}}),
                "Authentication",
                "check the secret KEY",
            ),
            (
                404,
                json!({"error": {"message": "The model `small` does not exist", "type": "invalid_request_error", "code": "model_not_found"}}),
                "UnknownModel",
                "`small`",
            ),
            (
                404,
                json!({"detail": "Not Found"}),
                "InvalidRequest",
                "`base_url`",
            ),
            (
                429,
                json!({"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}),
                "RateLimit",
                "Rate limit reached",
            ),
            (
                429,
                json!({"error": {"message": "You exceeded your quota", "type": "insufficient_quota", "code": "insufficient_quota"}}),
                "Authentication",
                "quota",
            ),
            (
                500,
                json!({"error": {"message": "The server had an error", "type": "server_error"}}),
                "Connection",
                "status 500",
            ),
            (
                503,
                json!({"error": {"message": "The engine is overloaded"}}),
                "Overloaded",
                "The engine is overloaded",
            ),
        ],
        "anthropic" => {
            let error = |kind: &str, message: &str| json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"});
            vec![
                (
                    400,
                    error("invalid_request_error", "max_tokens: Field required"),
                    "InvalidRequest",
                    "Field required",
                ),
                (
                    413,
                    error("request_too_large", "Request exceeds the maximum size"),
                    "InvalidRequest",
                    "maximum size",
                ),
                (
                    401,
                    error("authentication_error", "invalid x-api-key"),
                    "Authentication",
                    "check the secret KEY",
                ),
                (
                    403,
                    error("permission_error", "not yours"),
                    "Authentication",
                    "permission_error",
                ),
                (
                    404,
                    error("not_found_error", "model: small"),
                    "UnknownModel",
                    "`small`",
                ),
                (
                    429,
                    error("rate_limit_error", "Number of requests"),
                    "RateLimit",
                    "Number of requests",
                ),
                (
                    500,
                    error("api_error", "Internal server error"),
                    "Connection",
                    "Internal server error",
                ),
                (
                    529,
                    error("overloaded_error", "Overloaded"),
                    "Overloaded",
                    "Overloaded",
                ),
            ]
        }
        _ => vec![
            (
                400,
                json!({"error": "invalid options: foo"}),
                "InvalidRequest",
                "invalid options",
            ),
            (
                401,
                json!({"error": "unauthorized"}),
                "Authentication",
                "as `key` in its `config:`",
            ),
            (
                404,
                json!({"error": "model 'small' not found"}),
                "UnknownModel",
                "`small`",
            ),
            (
                500,
                json!({"error": "llama runner process has terminated"}),
                "Connection",
                "llama runner",
            ),
            (
                503,
                json!({"error": "server busy, please try again.  maximum pending requests exceeded"}),
                "Overloaded",
                "server busy",
            ),
        ],
    }
}

#[test]
fn every_error_that_a_server_documents_is_told_apart() {
    for (provider, ..) in PROVIDERS {
        let cases = cases(provider);
        let answers = cases
            .iter()
            .flat_map(|(status, body, ..)| [(*status, body.clone()), (*status, body.clone())]);
        let answers = Mutex::new(answers.rev().collect::<Vec<_>>());
        let world = World::new(
            provider,
            config(provider),
            &json!({"retries": 0}),
            move |_, out| {
                let (status, body) = answers.lock().unwrap().pop().unwrap();
                Said::json(status, &body)
                    .with("retry-after", "7")
                    .write(out)
            },
        );
        let mut mcp = world.env.mcp();
        mcp.initialize();
        for (status, _, error, words) in &cases {
            for stream in [false, true] {
                let answer = super::world::asks(&mut mcp, &hello(provider, stream));
                assert_eq!(answer["error"], *error, "{provider} {status}: {answer}");
                let message = answer["message"].as_str().unwrap();
                assert!(message.contains(words), "{provider} {status}: {message}");
                assert!(!message.contains("sk-"), "{provider} {status}: {message}");
                let wait = if *error == "RateLimit" {
                    json!(7000)
                } else {
                    Value::Null
                };
                assert_eq!(answer["retry_after_ms"], wait, "{provider} {status}");
            }
        }
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_told_apart() {
    let overloaded =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    for (provider, stream, error) in [
        ("openai", format!("data: {}\n\n", json!({"error": {"message": "Slow down", "code": 429}})), "RateLimit"),
        ("anthropic", format!("event: error\ndata: {overloaded}\n\n"), "Overloaded"),
        ("ollama", "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"error\":\"an error was encountered\"}\n".to_owned(), "Connection"),
        // What is no part of an answer, and a line that never ends.
        ("openai", "data: <html>\n\n".to_owned(), "Connection"),
        ("openai", "x".repeat(5 << 20), "InvalidRequest"),
        ("ollama", "x".repeat(5 << 20), "InvalidRequest"),
    ] {
        let world = World::new(provider, config(provider), &json!({"retries": 0}), move |_, out| {
            let said = Said { status: 200, headers: Vec::new(), body: stream.clone() };
            said.write(out)
        });
        let answer = world.ask("chat", &hello(provider, true));
        assert_eq!(answer["error"], error, "{provider}: {answer}");
    }
}

#[test]
fn a_server_that_hangs_up_is_a_connection_that_failed() {
    for (provider, ..) in PROVIDERS {
        let world = World::new(
            provider,
            config(provider),
            &json!({"retries": 0}),
            |_, _| Ok(()),
        );
        let answer = world.ask("chat", &hello(provider, false));
        assert_eq!(answer["error"], "Connection", "{provider}: {answer}");
    }
}

#[test]
fn a_request_that_the_format_has_no_place_for_is_refused_before_it_is_sent() {
    for (provider, ..) in PROVIDERS {
        let world = World::new(provider, config(provider), &json!({}), |_, _| Ok(()));
        let mut ask = hello(provider, false);
        ask["messages"] =
            json!([{"role": "assistant", "content": [{"image": [[1], "image/png"]}]}]);
        let answer = world.ask("chat", &ask);
        assert_eq!(answer["error"], "InvalidRequest", "{provider}: {answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(
            message.contains("an image cannot be in a message of the role `assistant`"),
            "{message}"
        );
        assert_eq!(world.server.seen().len(), 0, "{provider}");
    }
}

#[test]
fn a_wrong_base_url_is_told_when_the_plugin_is_loaded() {
    for (provider, ..) in PROVIDERS {
        let env = crate::common::TestEnv::with_plugins(
            &[provider],
            &format!("plugins: [{{name: {provider}, config: {{base_url: 'https://me:pw@a.b'}}}}]"),
        );
        let listed = env.run(&["plugin", "list"]);
        let text = format!("{}{}", listed.stdout, listed.stderr);
        assert!(text.contains("a key belongs into a secret"), "{text}");
    }
}
