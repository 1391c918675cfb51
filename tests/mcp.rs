//! MCP over stdio, in both eras, by lines.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{McpServer, TestEnv};

const YAML: &str = "\
plugins:
  - name: files
    grants: { workspace: read-write }
  - name: spin
    limits: { time_ms: 500 }
";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello", "files", "spin", "crash"], YAML)
}

fn text(result: &Value) -> String {
    let content = result["content"].as_array().unwrap();
    content
        .iter()
        .filter_map(|content| content["text"].as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn both_eras_list_the_same_tools_in_the_same_order() {
    let env = env();
    let mut legacy = env.mcp();
    let hello = legacy.initialize();
    assert_eq!(
        hello["result"]["serverInfo"]["name"], "paracle-host",
        "{hello}"
    );
    assert!(hello["result"]["instructions"].as_str().unwrap().len() <= 2048);
    let mut modern = env.mcp();
    let discovered = modern.discover();
    assert!(discovered.get("error").is_none(), "{discovered}");
    let names = |reply: &Value| -> Vec<String> {
        let tools = reply["result"]["tools"].as_array().unwrap();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let old = names(&legacy.request("tools/list", json!({})));
    let new = names(&modern.request("tools/list", json!({})));
    assert_eq!(old, new);
    assert!(
        old.contains(&"files__write".to_owned()) && old.contains(&"hello__greet".to_owned()),
        "{old:?}"
    );
    for server in [&mut legacy, &mut modern] {
        let result = server.call("hello__greet", json!({"name": "Ada"}));
        assert!(text(&result).contains("Hello, Ada!"), "{result}");
    }
    legacy.close();
    modern.close();
}

#[test]
fn tools_carry_their_schemas_and_hints() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let reply = server.request("tools/list", json!({}));
    let tools = reply["result"]["tools"].as_array().unwrap();
    let read = tools
        .iter()
        .find(|tool| tool["name"] == "files__read")
        .unwrap();
    assert_eq!(read["inputSchema"]["type"], "object", "{read}");
    assert!(
        read["inputSchema"]["properties"]["path"].is_object(),
        "{read}"
    );
    assert!(read["outputSchema"].is_object(), "{read}");
    assert_eq!(read["annotations"]["readOnlyHint"], json!(true), "{read}");
    server.close();
}

#[test]
fn the_result_names_the_connections_execution_and_its_branch() {
    let env = env();
    let before = env.checkout();
    let mut server = env.mcp();
    server.initialize();
    let first = server.call("files__write", json!({"path": "a.md", "content": "a"}));
    let second = server.call("files__write", json!({"path": "b.md", "content": "b"}));
    let branches = env.git(&["branch", "--list", "--format=%(refname:short)", "exec/*"]);
    assert_eq!(
        branches.lines().count(),
        1,
        "one connection, one execution: {branches}"
    );
    let branch = branches.trim();
    for result in [&first, &second] {
        assert!(text(result).contains(branch), "{result}");
        assert!(result["_meta"].to_string().contains(branch), "{result}");
    }
    // What was written is there for the next call, and for nobody else.
    let read = server.call("files__read", json!({"path": "a.md"}));
    assert_eq!(read["structuredContent"]["content"], "a", "{read}");
    server.close();
    assert_eq!(env.checkout(), before);
    assert_eq!(
        env.git(&["rev-list", "--count", &format!("main..{branch}")])
            .trim(),
        "2"
    );
    env.fsck();
}

#[test]
fn arguments_are_checked_before_the_guest_runs() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let result = server.call("hello__greet", json!({"name": 7}));
    assert_eq!(result["isError"], json!(true), "{result}");
    assert!(text(&result).contains("/name"), "{result}");
    let reply = server.request("tools/call", json!({"name": "no__such", "arguments": {}}));
    assert_eq!(reply["error"]["code"], json!(-32602), "{reply}");
    let reply = server.request("tools/call", json!({"name": "not a name", "arguments": {}}));
    assert_eq!(reply["error"]["code"], json!(-32602), "{reply}");
    server.close();
}

#[test]
fn fifty_calls_in_parallel_are_all_answered_rightly() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let calls: Vec<_> = (0..50)
        .map(|n| {
            (
                n,
                server.begin_call("hello__greet", json!({"name": format!("number {n}")})),
            )
        })
        .collect();
    for (n, id) in calls {
        let reply = server.reply(id);
        assert_eq!(
            text(&reply["result"]),
            format!("Hello, number {n}!"),
            "{reply}"
        );
    }
    server.close();
}

#[test]
fn parallel_writes_of_one_connection_all_land_on_its_branch() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let calls: Vec<_> = (0..20)
        .map(|n| {
            server.begin_call(
                "files__write",
                json!({"path": format!("d/{n}.md"), "content": format!("{n}")}),
            )
        })
        .collect();
    for id in calls {
        let reply = server.reply(id);
        assert_eq!(reply["result"]["isError"], json!(false), "{reply}");
    }
    server.close();
    let branch = env.git(&["branch", "--list", "--format=%(refname:short)", "exec/*"]);
    let files = env.git(&["ls-tree", "-r", "--name-only", branch.trim(), "d/"]);
    assert_eq!(files.lines().count(), 20, "{files}");
    env.fsck();
}

#[test]
pub(crate) fn a_stateful_plugin_meets_the_same_instance_at_each_call_of_a_process() {
    let env = TestEnv::with_plugins(&["keep"], "plugins: [{name: keep}]");
    for _connection in 0..2 {
        let mut server = env.mcp();
        server.initialize();
        for calls in 1..=3 {
            let result = server.call("keep__count", json!({}));
            assert_eq!(result["structuredContent"]["calls"], calls, "{result}");
        }
    }
}

#[test]
fn a_call_that_spins_is_stopped_and_the_others_do_not_notice() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    server.call("hello__greet", json!({"name": "first"}));
    // As many spinning calls as the machine has cores, and more.
    let spinning: Vec<_> = (0..4)
        .map(|_| server.begin_call("spin__spin", json!({})))
        .collect();
    for n in 0..50 {
        let result = server.call("hello__greet", json!({"name": format!("{n}")}));
        assert_eq!(text(&result), format!("Hello, {n}!"));
        if n == 0 {
            let over = spinning.iter().any(|id| server.answered(*id));
            assert!(
                !over,
                "the first had to wait for a spinning call's deadline"
            );
        }
    }
    for id in spinning {
        let reply = server.reply(id);
        assert_eq!(reply["result"]["isError"], json!(true), "{reply}");
        assert!(text(&reply["result"]).contains("500 ms"), "{reply}");
    }
    server.close();
}

#[test]
fn a_cancelled_call_ends_long_before_its_deadline() {
    let env = TestEnv::with_plugins(
        &["spin", "hello"],
        "plugins: [{name: spin, limits: {time_ms: 86400000}}]",
    );
    let mut server = env.mcp();
    server.initialize();
    // More calls than run at once, some in a loop and most in a host call, each with a day to go: while they last, nothing
    // else gets a turn.
    let calls: Vec<i64> = (0..100)
        .map(|n| match n {
            0..4 => server.begin_call("spin__spin", json!({})),
            _ => server.begin_call("spin__sleep", json!({"ms": 86_400_000})),
        })
        .collect();
    for id in calls {
        server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    }
    let result = server.call("hello__greet", json!({"name": "Ada"}));
    assert_eq!(text(&result), "Hello, Ada!");
    server.close();
}

#[test]
fn stdout_belongs_to_the_protocol_whatever_a_guest_prints() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    // `McpServer` checks every line that comes.
    for _ in 0..10 {
        let result = server.call("crash__stdout", json!({}));
        assert_eq!(result["isError"], json!(false), "{result}");
    }
    for tool in ["crash__panic", "crash__abort", "crash__exit"] {
        let result = server.call(tool, json!({}));
        assert_eq!(result["isError"], json!(true), "{result}");
    }
    let result = server.call("hello__greet", json!({"name": "still here"}));
    assert_eq!(text(&result), "Hello, still here!");
    server.close();
}

#[test]
fn lines_that_are_no_messages_do_not_end_the_server() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    for line in [
        "",
        "not json",
        "{",
        "[]",
        "null",
        "42",
        "\"text\"",
        r#"{"jsonrpc":"1.0","id":1000,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"2.0","method":7}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1001,"method":"tools/call","params":[]}"#,
        r#"{"jsonrpc":"2.0","id":1002,"method":"tools/call"}"#,
    ] {
        server.send_line(line);
    }
    let result = server.call("hello__greet", json!({"name": "Ada"}));
    assert_eq!(text(&result), "Hello, Ada!");
    server.close();
}

#[test]
fn a_line_that_is_no_json_is_answered_as_the_protocol_says() {
    let env = env();
    let mut server = env.mcp();
    server.send_line("not json");
    server.initialize();
    server.send_line("{\"jsonrpc\": \"2.0\", \"id\": 1000, ");
    server.send_line("");
    // The answers do not wait for each other.
    let mut answers = Vec::new();
    while answers.len() < 2 {
        server.call("hello__greet", json!({"name": "Ada"}));
        answers.extend(server.nameless());
    }
    for answer in &answers {
        assert_eq!(answer["id"], json!(null), "{answer}");
        assert_eq!(answer["error"]["code"], json!(-32700), "{answer}");
    }
    server.call("hello__greet", json!({"name": "Ada"}));
    assert_eq!(server.nameless(), Vec::<Value>::new());
    server.close();
}

#[test]
fn a_server_without_plugins_serves_its_own_tools_alone() {
    let env = TestEnv::new();
    let mut server = env.mcp();
    server.initialize();
    let reply = server.request("tools/list", json!({}));
    let tools = reply["result"]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), 6, "{reply}");
    let own = |tool: &Value| !tool["name"].as_str().unwrap().contains("__");
    assert!(tools.iter().all(own), "{reply}");
    server.close();
}

#[test]
fn a_server_goes_on_with_the_execution_that_it_is_told() {
    let env = env();
    let words = [
        "run",
        "files__write",
        "path=a.md",
        "content=a",
        "--execution=mine",
    ];
    env.run(&words).exits(0);
    let mut command = env.program_in("");
    command.args(["mcp", "serve", "--stdio", "--execution", "mine"]);
    let mut server = McpServer::start(command, Stdio::null());
    server.initialize();
    let read = server.call("files__read", json!({"path": "a.md"}));
    assert_eq!(read["structuredContent"]["content"], "a", "{read}");
    let wrote = server.call("files__write", json!({"path": "b.md", "content": "b"}));
    assert!(
        text(&wrote).contains("Once this connection is closed, a person merges it"),
        "{wrote}"
    );
    server.close();
    let shown = env.run(&["execution", "show", "mine", "--json"]).exits(0);
    assert_eq!(shown.json()["commit_count"], 2);
}

#[test]
fn a_server_begins_its_execution_where_it_is_told() {
    let env = env();
    env.git(&["tag", "v1"]);
    env.write("README.md", "uncommitted\n");
    for (flags, content) in [
        (["--include-dirty"].as_slice(), "uncommitted\n"),
        (&["--from", "v1"], "# A repository\n"),
    ] {
        let mut command = env.program_in("");
        command.args(["mcp", "serve", "--stdio"]).args(flags);
        let mut server = McpServer::start(command, Stdio::null());
        server.initialize();
        let read = server.call("files__read", json!({"path": "README.md"}));
        assert_eq!(read["structuredContent"]["content"], content, "{read}");
        server.close();
    }
    env.run(&["mcp", "serve", "--stdio", "--from", "nowhere"])
        .exits(2)
        .says(&["nowhere"]);
}
