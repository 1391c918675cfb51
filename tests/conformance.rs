//! The fixtures of the conformance suite by the lines that clients write; `cargo xtask conformance` runs the suite itself, and
//! `cargo xtask clients` the clients.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{McpServer, TestEnv};

/// What the suite's tools ask for is granted, so that they can ask.
const GRANTS: &str = "\
plugins:
  - {name: conformance, grants: {ask: true, completions: [client]}}
  - {name: long-calls, grants: {ask: true}}
";

fn world() -> TestEnv {
    TestEnv::with_grants(&["conformance", "long-calls"], GRANTS)
}

#[track_caller]
fn text(reply: &Value) -> &str {
    let text = reply["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no text in {reply}"))
}

#[test]
pub(crate) fn the_fixtures_answer_a_client_of_each_era() {
    let env = world();
    let begin: [fn(&mut McpServer) -> Value; 2] = [McpServer::initialize, McpServer::discover];
    for begin in begin {
        let mut client = env.mcp();
        begin(&mut client);
        let call = |client: &mut McpServer, tool: &str, arguments: Value| {
            client.request("tools/call", json!({"name": tool, "arguments": arguments}))
        };
        let said = call(&mut client, "conformance__test_simple_text", json!({}));
        assert_eq!(text(&said), "This is a simple text response for testing.");
        let kinds = call(
            &mut client,
            "conformance__test_multiple_content_types",
            json!({}),
        );
        let kinds = kinds["result"]["content"].as_array().unwrap();
        let kinds: Vec<&str> = kinds
            .iter()
            .filter_map(|one| one["type"].as_str())
            .collect();
        assert_eq!(kinds, ["text", "image", "resource"]);
        let failed = call(&mut client, "conformance__test_error_handling", json!({}));
        assert_eq!(failed["result"]["isError"], true, "{failed}");
        let greeted = call(&mut client, "long-calls__greet", json!({"name": "Ada"}));
        assert_eq!(text(&greeted), "Hello, Ada!");
        client.close();
    }
}

/// What a tool of the recordings answers.
const ANSWERS: [(&str, &str); 3] = [
    (
        "conformance__test_simple_text",
        "This is a simple text response for testing.",
    ),
    (
        "conformance__test_input_required_result_elicitation",
        "Hello, Ada!",
    ),
    ("conformance__test_input_required_result_sampling", "Paris"),
];

/// Checks the reply to a recorded request.
#[track_caller]
fn check(request: &Value, reply: &Value) {
    let result = &reply["result"];
    assert!(result.is_object(), "{request}\n{reply}");
    let tool = &request["params"]["name"];
    let fails = tool == "conformance__test_error_handling";
    assert_eq!(result["isError"] == true, fails, "{request}\n{reply}");
    let wanted = ANSWERS.iter().find(|(name, _)| tool == name);
    if let (Some((_, wanted)), true) = (wanted, result["resultType"] != "input_required") {
        assert_eq!(text(reply), *wanted);
    }
}

/// Writes the lines of a recording one after the other, each when the one before is answered.
fn replay(env: &TestEnv, lines: &str) -> usize {
    let mut client = env.mcp();
    let mut waits: Option<Value> = None;
    let (mut state, mut answered) = (Value::Null, 0);
    for line in lines.lines() {
        let mut message: Value = serde_json::from_str(line).unwrap();
        if message.get("method").is_none() {
            let asked = client.asked();
            client.answer(&asked, &message["result"]);
            continue;
        }
        if let Some(request) = waits.take() {
            let reply = client.reply(request["id"].as_i64().unwrap());
            check(&request, &reply);
            state = reply["result"]["requestState"].clone();
            answered += 1;
        }
        if message["params"].get("requestState").is_some() {
            assert!(state.is_string(), "nothing was asked before {line}");
            // The one that was recorded is another process's.
            message["params"]["requestState"] = state.take();
        }
        if message["id"].is_string() {
            message["id"] = json!(1_000_000);
        }
        client.send(&message);
        waits = message.get("id").is_some().then_some(message);
    }
    if let Some(request) = waits {
        let reply = client.reply(request["id"].as_i64().unwrap());
        check(&request, &reply);
        answered += 1;
    }
    client.close();
    answered
}

#[test]
fn what_clients_wrote_is_answered_as_it_was() {
    let env = world();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings");
    let mut recordings = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let lines = fs::read_to_string(&path).unwrap();
        let requests = lines
            .lines()
            .filter(|line| line.contains("\"method\"") && line.contains("\"id\""));
        assert_eq!(replay(&env, &lines), requests.count(), "{}", path.display());
        recordings += 1;
    }
    assert_eq!(
        recordings, 6,
        "the Inspector, Python's mcp and fastmcp, in two eras each"
    );
}
