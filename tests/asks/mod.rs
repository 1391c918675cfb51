//! A plugin speaks with whoever calls: questions, how far it is, its log.

mod legacy;
mod modern;
mod notices;
mod terminal;
mod waiting;

use serde_json::{Value, json};

use crate::common::{McpServer, TestEnv};

pub(crate) use legacy::a_legacy_client_is_asked_while_it_waits;

const YAML: &str = "\
plugins:
  - name: asks
    grants: { ask: true, completions: [client], workspace: read-write }
  - name: caller
    grants: { tools: [asks__*], ask: true }
";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["asks", "caller"], YAML)
}

/// What a client can do that can do all.
fn able() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
}

fn legacy(env: &TestEnv) -> McpServer {
    let mut server = env.mcp().with_capabilities(able());
    server.initialize();
    server
}

fn modern(env: &TestEnv) -> McpServer {
    let mut server = env.mcp().with_capabilities(able());
    server.discover();
    server
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}

/// An answer to a form.
fn name(name: &str) -> Value {
    json!({"action": "accept", "content": {"name": name}})
}

/// Parameters of a call.
fn call(tool: &str, arguments: &Value) -> Value {
    json!({"name": tool, "arguments": arguments})
}

/// The same call again, with what the client came back with.
fn again(tool: &str, arguments: &Value, state: &Value, answers: &Value) -> Value {
    json!({"name": tool, "arguments": arguments, "requestState": state, "inputResponses": answers})
}

/// Calls, and expects questions.
#[track_caller]
fn asked(server: &mut McpServer, params: Value) -> Value {
    let reply = server.request("tools/call", params);
    assert_eq!(reply["result"]["resultType"], "input_required", "{reply}");
    reply["result"].clone()
}

/// Calls, and expects an error of the protocol that says what to do.
#[track_caller]
fn refused(server: &mut McpServer, params: Value) -> String {
    let reply = server.request("tools/call", params);
    assert_eq!(reply["error"]["code"], -32602, "{reply}");
    reply["error"]["message"].as_str().unwrap().to_owned()
}

/// Calls, and expects the tool's answer.
#[track_caller]
fn done(server: &mut McpServer, params: Value) -> Value {
    let reply = server.request("tools/call", params);
    assert_eq!(reply["result"]["isError"], json!(false), "{reply}");
    reply["result"].clone()
}
