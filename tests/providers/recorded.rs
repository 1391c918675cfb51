//! Exchanges in the format that each provider documents: every field of the request, and what is read of the answer.

use std::sync::Mutex;

use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{KEY, Said, World, config};

/// One exchange of a file in `recorded/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// What is asked, in the host's words; without messages, for the list of models.
    ask: Value,
    /// What is configured besides.
    #[serde(default)]
    config: serde_json::Map<String, Value>,
    /// The requests that the server has to see.
    requests: Vec<Expected>,
    /// What comes of it, in the host's words.
    answer: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    line: String,
    #[serde(default)]
    headers: serde_json::Map<String, Value>,
    #[serde(default)]
    body: Value,
    /// A whole answer.
    #[serde(default)]
    response: Option<Value>,
    /// Lines of a stream.
    #[serde(default)]
    stream: Vec<String>,
}

impl Expected {
    fn said(&self) -> Said {
        if let Some(body) = &self.response {
            return Said::json(200, body);
        }
        Said {
            status: 200,
            headers: vec![("content-type".into(), "text/event-stream".into())],
            body: self.stream.concat(),
        }
    }
}

fn check(provider: &str, file: &str) {
    let exchanges: Vec<Exchange> = serde_json::from_str(file).unwrap();
    assert!(
        exchanges.len() >= 4,
        "{provider} has {} exchanges",
        exchanges.len()
    );
    for (i, exchange) in exchanges.into_iter().enumerate() {
        let at = format!("exchange {i} of {provider}");
        let mut config = config(provider);
        config.as_object_mut().unwrap().extend(exchange.config);
        let answers = exchange.requests.iter().map(Expected::said).rev();
        let answers = Mutex::new(answers.collect::<Vec<_>>());
        let world = World::new(provider, config, &json!({"retries": 0}), move |_, out| {
            let answer = answers.lock().unwrap().pop();
            answer
                .unwrap_or(Said::json(500, &json!("one more")))
                .write(out)
        });
        let mut ask = exchange.ask;
        ask["provider"] = provider.into();
        let tool = if ask.get("messages").is_some() {
            "chat"
        } else {
            "models"
        };
        let answer = world.ask(tool, &ask);
        let seen = world.server.seen();
        for (expected, seen) in exchange.requests.iter().zip(&seen) {
            let line = seen.head.lines().next().unwrap();
            assert_eq!(line, format!("{} HTTP/1.1", expected.line), "{at}");
            for (name, value) in &expected.headers {
                let value = value.as_str().unwrap().replace("KEY", KEY);
                assert_eq!(seen.header(name), [value], "{at}: {name}");
            }
            let body = serde_json::from_str(&seen.body).unwrap_or(Value::Null);
            assert_eq!(body, expected.body, "{at}");
        }
        assert_eq!(seen.len(), exchange.requests.len(), "{at}: {answer}");
        assert_eq!(answer, exchange.answer, "{at}");
    }
}

#[test]
pub(crate) fn recorded_exchanges_with_openai_are_asked_and_read_as_documented() {
    check("openai", include_str!("recorded/openai.json"));
}

#[test]
fn recorded_exchanges_with_anthropic_are_asked_and_read_as_documented() {
    check("anthropic", include_str!("recorded/anthropic.json"));
}

#[test]
fn recorded_exchanges_with_ollama_are_asked_and_read_as_documented() {
    check("ollama", include_str!("recorded/ollama.json"));
}
