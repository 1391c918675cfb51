//! Calls that go on after their answer, and are found again.

mod kept;
mod questions;

use serde_json::{Value, json};

use crate::common::{McpServer, TestEnv};

const YAML: &str = "\
plugins:
  - name: asks
    grants: { ask: true, workspace: read-write }
";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["asks", "hello"], YAML)
}

/// Starts a server for a client that knows tasks.
fn serve(env: &TestEnv) -> McpServer {
    let mut server = env.mcp().with_capabilities(json!({
        "elicitation": {"form": {}},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    }));
    server.discover();
    server
}

fn call(server: &mut McpServer, tool: &str, arguments: &Value) -> Value {
    server.request("tools/call", json!({"name": tool, "arguments": arguments}))
}

/// Calls the tool that can be a task, which becomes one, and returns its id.
#[track_caller]
fn begin(server: &mut McpServer, arguments: &Value) -> String {
    let reply = call(server, "asks__job", arguments);
    let result = &reply["result"];
    assert_eq!(result["resultType"], "task", "{reply}");
    assert_eq!(result["status"], "working", "{reply}");
    assert!(
        result["ttlMs"].is_u64() && result["pollIntervalMs"].is_u64(),
        "{reply}"
    );
    assert!(result.get("requestState").is_none(), "{reply}");
    result["taskId"].as_str().unwrap().to_owned()
}

fn get(server: &mut McpServer, id: &str) -> Value {
    let reply = server.request("tasks/get", json!({"taskId": id}));
    assert_eq!(reply["result"]["resultType"], "complete", "{reply}");
    reply["result"].clone()
}

/// Looks until the task is in a state.
#[track_caller]
fn until(server: &mut McpServer, id: &str, status: &str) -> Value {
    loop {
        let task = get(server, id);
        if task["status"] == status {
            return task;
        }
        let runs = task["status"] == "working" || task["status"] == "input_required";
        assert!(runs, "not {status}: {task}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn text(task: &Value) -> &str {
    task["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
}

#[test]
fn a_tool_that_says_so_goes_on_as_a_task_and_its_result_is_found() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "ms": 300}));
    assert_eq!(id.len(), 32, "{id}");
    // It is there at once.
    let task = get(&mut server, &id);
    assert_eq!(task["taskId"], json!(id));
    let task = until(&mut server, &id, "completed");
    assert_eq!(text(&task), "done", "{task}");
    assert_eq!(task["result"]["isError"], json!(false), "{task}");
    assert_eq!(task["statusMessage"], "half way", "{task}");
    assert!(
        task["result"]["_meta"]["dev.paracle/receipt"]["execution"].is_string(),
        "{task}"
    );
    let other = begin(&mut server, &json!({"task": true}));
    assert_ne!(id, other);
    server.close();
}

#[test]
fn a_call_that_takes_long_becomes_a_task_by_itself_where_its_tool_may_be_one() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "task_after_ms: 50\n");
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"ms": 400}));
    assert_eq!(text(&until(&mut server, &id, "completed")), "done");
    // One that is quick is answered; one whose tool is never a task is waited for.
    let reply = call(&mut server, "hello__greet", &json!({"name": "Ada"}));
    assert_eq!(reply["result"]["resultType"], "complete", "{reply}");
    server.close();
    env.write(".parac/config/mcp.yaml", "task_after_m: 50\n");
    env.run(&["plugin", "list"])
        .exits(2)
        .says(&["task_after_m"]);
}

#[test]
fn a_client_that_knows_no_tasks_waits_and_one_that_would_have_to_is_refused() {
    let env = env();
    for modern in [false, true] {
        let mut server = env.mcp();
        if modern {
            server.discover();
        } else {
            server.initialize();
        }
        let reply = call(&mut server, "asks__job", &json!({"task": true, "ms": 50}));
        assert_eq!(reply["result"]["content"][0]["text"], "done", "{reply}");
        let reply = call(&mut server, "asks__must", &json!({}));
        assert_eq!(reply["error"]["code"], -32021, "{reply}");
        let needs = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
        assert_eq!(
            reply["error"]["data"]["requiredCapabilities"], needs,
            "{reply}"
        );
        for method in ["tasks/get", "tasks/cancel"] {
            let reply = server.request(method, json!({"taskId": "0"}));
            assert_eq!(reply["error"]["code"], -32021, "{reply}");
        }
        server.close();
    }
    let mut server = serve(&env);
    let reply = call(&mut server, "asks__must", &json!({}));
    let id = reply["result"]["taskId"].as_str().unwrap().to_owned();
    until(&mut server, &id, "completed");
    server.close();
}

#[test]
fn an_error_of_the_tool_completes_a_task_and_a_crash_fails_it() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "end": "error"}));
    let task = until(&mut server, &id, "completed");
    assert_eq!(task["result"]["isError"], json!(true), "{task}");
    assert!(text(&task).contains("it went wrong"), "{task}");
    let id = begin(&mut server, &json!({"task": true, "end": "panic"}));
    let task = until(&mut server, &id, "failed");
    assert_eq!(task["error"]["code"], -32603, "{task}");
    let message = task["error"]["message"].as_str().unwrap();
    assert!(message.contains("on purpose"), "{task}");
    assert!(task.get("result").is_none(), "{task}");
    server.close();
}

#[test]
fn a_task_that_is_cancelled_is_cancelled_at_once_and_for_good() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "end": "endless"}));
    for _again in 0..2 {
        let reply = server.request("tasks/cancel", json!({"taskId": id}));
        assert_eq!(
            reply["result"],
            json!({"resultType": "complete"}),
            "{reply}"
        );
        assert_eq!(get(&mut server, &id)["status"], "cancelled");
    }
    let done = begin(&mut server, &json!({"task": true}));
    until(&mut server, &done, "completed");
    server.request("tasks/cancel", json!({"taskId": done}));
    assert_eq!(get(&mut server, &done)["status"], "completed");
    server.close();
}

#[test]
fn a_task_that_is_nobodys_is_not_found() {
    let env = env();
    let mut server = serve(&env);
    let unknown = "0123456789abcdef0123456789abcdef";
    for id in [unknown, "", "../../config", "x"] {
        for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
            let reply = server.request(method, json!({"taskId": id, "inputResponses": {}}));
            assert_eq!(reply["error"]["code"], -32602, "{method} {id}: {reply}");
        }
    }
    for method in ["tasks/list", "tasks/result"] {
        let reply = server.request(method, json!({"taskId": unknown}));
        assert_eq!(reply["error"]["code"], -32601, "{method}: {reply}");
    }
    server.close();
}

#[test]
fn tasks_that_run_at_once_are_bounded_and_others_are_waited_for() {
    let env = env();
    let mut server = serve(&env);
    let endless = json!({"task": true, "end": "endless"});
    let running: Vec<_> = (0..32).map(|_| begin(&mut server, &endless)).collect();
    let reply = call(&mut server, "asks__job", &json!({"task": true}));
    assert_eq!(reply["result"]["resultType"], "complete", "{reply}");
    for id in running {
        server.request("tasks/cancel", json!({"taskId": id}));
    }
    server.close();
}
