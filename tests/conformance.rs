//! The fixtures of the conformance suite by the lines that clients write; `cargo xtask conformance` runs the suite itself, and
//! `cargo xtask clients` the clients.

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
