//! The host's own tools and resources.

use serde_json::{Value, json};

use super::{YAML, each};
use crate::common::{McpServer, TestEnv};

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["files"], FILES)
}

fn write(server: &mut McpServer, path: &str) {
    let result = server.call("files__write", json!({"path": path, "content": "new\n"}));
    assert_ne!(result["isError"], true, "{result}");
}

fn structured(server: &mut McpServer, tool: &str, arguments: Value) -> Value {
    let mut result = server.call(tool, arguments);
    assert_ne!(result["isError"], true, "{result}");
    result["structuredContent"].take()
}

#[test]
fn own_tools_say_what_they_take_and_return_and_merging_is_none() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let listed = server.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let own: Vec<_> = tools
        .iter()
        .filter(|tool| !tool["name"].as_str().unwrap().contains("__"))
        .collect();
    let names: Vec<_> = own
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "execution_diff",
            "execution_discard",
            "execution_list",
            "execution_log",
            "paracle_call",
            "paracle_find"
        ]
    );
    for tool in own {
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        assert!(tool["annotations"]["readOnlyHint"].is_boolean(), "{tool}");
        assert_eq!(
            tool["outputSchema"].is_object(),
            tool["name"] != "paracle_call",
            "{tool}"
        );
    }
    let merge = server.request(
        "tools/call",
        json!({"name": "execution_merge", "arguments": {}}),
    );
    assert_eq!(merge["error"]["code"], -32602, "{merge}");
    let wrong = server.call("execution_diff", json!({"what": 1}));
    assert_eq!(
        (
            &wrong["isError"],
            &wrong["_meta"]["dev.paracle/error"]["kind"]
        ),
        (&json!(true), &json!("arguments"))
    );
    server.close();
}

#[test]
fn an_execution_of_the_caller_is_shown_and_given_up_and_another_begins() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    assert_eq!(
        structured(&mut server, "execution_list", json!({}))["executions"],
        json!([])
    );
    write(&mut server, "a.md");
    write(&mut server, "b.md");
    let listed = structured(&mut server, "execution_list", json!({}));
    let id = listed["executions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed["executions"][0]["commit_count"], 2, "{listed}");
    let diff = structured(&mut server, "execution_diff", json!({}));
    assert_eq!(each(&diff["changed"], "path"), ["a.md", "b.md"]);
    assert!(diff["patch"].as_str().unwrap().contains("+new"), "{diff}");
    let one = structured(
        &mut server,
        "execution_diff",
        json!({"execution": id, "checkpoint": "2"}),
    );
    assert_eq!(each(&one["changed"], "path"), ["b.md"]);
    let log = structured(&mut server, "execution_log", json!({}));
    assert_eq!(
        each(&log["checkpoints"], "tool"),
        ["files__write", "files__write"]
    );
    for (what, said) in [("diff", "+new"), ("log", "files__write")] {
        let uri = format!("execution://{id}/{what}");
        let read = server.request("resources/read", json!({"uri": uri}));
        assert!(
            read["result"]["contents"][0]["text"]
                .as_str()
                .unwrap()
                .contains(said),
            "{read}"
        );
    }
    let gone = structured(&mut server, "execution_discard", json!({"execution": id}));
    assert_eq!(gone["discarded"], true, "{gone}");
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    let read = server.call("files__read", json!({"path": "a.md"}));
    assert_eq!(read["isError"], true, "the next call begins anew: {read}");
    write(&mut server, "c.md");
    let diff = structured(&mut server, "execution_diff", json!({}));
    assert_eq!(diff["execution"], gone["next"]);
    assert_eq!(each(&diff["changed"], "path"), ["c.md"]);
    server.close();
    let shown = env.run(&[
        "execution",
        "show",
        gone["next"].as_str().unwrap(),
        "--json",
    ]);
    assert_eq!(shown.exits(0).json()["status"], "kept");
}

#[test]
fn executions_of_others_are_not_shown() {
    let env = env();
    let mut other = env.mcp();
    other.initialize();
    write(&mut other, "a.md");
    let id = structured(&mut other, "execution_list", json!({}))["executions"][0]["id"].clone();
    let mut server = env.mcp();
    server.initialize();
    assert_eq!(
        structured(&mut server, "execution_list", json!({}))["executions"],
        json!([])
    );
    for tool in ["execution_diff", "execution_log", "execution_discard"] {
        let refused = server.call(tool, json!({"execution": id}));
        assert_eq!(refused["isError"], true, "{tool}: {refused}");
    }
    let uri = format!("execution://{}/diff", id.as_str().unwrap());
    let read = server.request("resources/read", json!({"uri": uri}));
    assert_eq!(read["error"]["data"]["uri"], uri, "{read}");
    let heard = server.request("resources/subscribe", json!({"uri": uri}));
    assert!(heard.get("error").is_some(), "{heard}");
    server.close();
    other.close();
}

#[test]
fn a_subscriber_hears_that_its_execution_changed() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    write(&mut server, "a.md");
    let id = structured(&mut server, "execution_list", json!({}))["executions"][0]["id"].clone();
    let uri = format!("execution://{}/diff", id.as_str().unwrap());
    server.request("resources/subscribe", json!({"uri": uri}));
    write(&mut server, "b.md");
    assert_eq!(
        server.told("notifications/resources/updated")["params"]["uri"],
        uri
    );
    server.close();
}

#[test]
fn merging_is_a_tool_where_the_operator_says_so_but_not_into_what_is_protected() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "allow: [execution_merge]\n");
    env.git(&["checkout", "--quiet", "-b", "elsewhere"]);
    env.write(".parac/config/git.yaml", "base_branch: main\n");
    let mut server = env.mcp();
    server.initialize();
    write(&mut server, "a.md");
    let merged = structured(&mut server, "execution_merge", json!({}));
    assert_eq!(merged["merged"], true, "{merged}");
    assert_eq!(env.git(&["show", "main:a.md"]), "new\n");
    write(&mut server, "b.md");
    server.close();
    env.write(
        ".parac/config/git.yaml",
        "base_branch: main\nprotect: [main]\n",
    );
    let mut server = env.mcp();
    server.initialize();
    write(&mut server, "c.md");
    let refused = structured(&mut server, "execution_merge", json!({}));
    assert_eq!(refused["merged"], false, "{refused}");
    assert!(
        refused["told"].as_str().unwrap().contains("protected"),
        "{refused}"
    );
    server.close();
    let files = env.git(&["ls-tree", "--name-only", "main"]);
    assert!(files.contains("a.md") && !files.contains("c.md"), "{files}");
}

#[test]
fn a_tool_is_found_by_words_and_called_by_its_name() {
    let env = TestEnv::with_plugins(&["offers", "hello"], YAML);
    let mut server = env.mcp();
    server.initialize();
    let found = structured(&mut server, "paracle_find", json!({"query": "GREET"}));
    assert_eq!(
        each(&found["tools"], "name")[..2],
        ["hello__greet", "offers__greet"]
    );
    assert!(
        found["tools"][0]["inputSchema"]["properties"]["name"].is_object(),
        "{found}"
    );
    let few = structured(&mut server, "paracle_find", json!({"limit": 1}));
    assert_eq!(
        (few["tools"].as_array().unwrap().len(), &few["more"]),
        (1, &json!(true))
    );
    let called = server.call(
        "paracle_call",
        json!({"name": "hello__greet", "arguments": {"name": "Ada"}}),
    );
    assert_eq!(called["content"][0]["text"], "Hello, Ada!", "{called}");
    assert_eq!(called["_meta"]["dev.paracle/receipt"]["plugin"], "hello");
    let wrong = server.call(
        "paracle_call",
        json!({"name": "hello__greet", "arguments": {"name": 1}}),
    );
    assert_eq!(wrong["isError"], true, "its schema holds: {wrong}");
    let itself = server.call("paracle_call", json!({"name": "paracle_call"}));
    assert_eq!(itself["isError"], true, "{itself}");
    let nothing = server.request(
        "tools/call",
        json!({"name": "paracle_call", "arguments": {"name": "no__tool"}}),
    );
    assert_eq!(nothing["error"]["code"], -32602, "{nothing}");
    server.close();
}

#[test]
fn a_plugins_readme_says_what_it_wants_and_may() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let read = server.request("resources/read", json!({"uri": "plugin://files/readme"}));
    let text = read["result"]["contents"][0]["text"].as_str().unwrap();
    for said in [
        "# files 0.",
        "- `write`: ",
        "Wanted: ",
        "file-access",
        "Given now: workspace=read-write",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    server.close();
}
