//! The names that tools and prompts have.

use serde_json::{Value, json};

use super::{YAML, each};
use crate::common::{McpServer, TestEnv};

fn names(server: &mut McpServer) -> Vec<String> {
    let listed = server.request("tools/list", json!({}));
    let names = each(&listed["result"]["tools"], "name");
    names.into_iter().map(str::to_owned).collect()
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

#[test]
fn plain_names_are_offered_where_no_other_plugin_has_them() {
    let env = TestEnv::with_plugins(&["offers", "hello"], YAML);
    env.write(".parac/config/mcp.yaml", "names: plain\n");
    let mut server = env.mcp();
    server.initialize();
    let names = names(&mut server);
    for name in ["long", "hello__greet", "offers__greet", "paracle_find"] {
        assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
    }
    assert!(
        !names
            .iter()
            .any(|name| name == "greet" || name == "offers__long"),
        "{names:?}"
    );
    assert_eq!(text(&server.call("long", json!({"chars": 2}))), "é!");
    assert_eq!(
        text(&server.call("offers__long", json!({"chars": 2}))),
        "é!"
    );
    assert_eq!(
        text(&server.call("offers__greet", json!({}))),
        "offers greets"
    );
    let both = server.request("tools/call", json!({"name": "greet", "arguments": {}}));
    assert_eq!(both["error"]["code"], -32602, "{both}");
    let prompts = server.request("prompts/list", json!({}));
    assert_eq!(
        each(&prompts["result"]["prompts"], "name"),
        ["asks", "review"]
    );
    let made = server.request(
        "prompts/get",
        json!({"name": "review", "arguments": {"file": "a"}}),
    );
    assert!(made.get("error").is_none(), "{made}");
    server.close();
}

#[test]
fn without_a_word_every_name_has_its_plugin() {
    let env = TestEnv::with_plugins(&["offers"], YAML);
    let mut server = env.mcp();
    server.initialize();
    let names = names(&mut server);
    assert!(names.contains(&"offers__long".to_owned()), "{names:?}");
    let bare = server.request(
        "tools/call",
        json!({"name": "long", "arguments": {"chars": 2}}),
    );
    assert_eq!(bare["error"]["code"], -32602, "{bare}");
    server.close();
}

#[test]
fn an_unknown_key_of_mcp_yaml_is_an_error_with_its_line() {
    let env = TestEnv::new();
    env.write(".parac/config/mcp.yaml", "result_chars: 10\nnames: short\n");
    let said = env.run(&["mcp", "serve", "--stdio"]).exits(2).stderr;
    assert!(said.contains("mcp.yaml:2:"), "{said}");
}
