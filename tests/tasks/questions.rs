//! Questions of a task: before it is one, and while it is.

use serde_json::{Value, json};

use super::{begin, call, env, get, serve, text, until};
use crate::common::McpServer;

fn name(name: &str) -> Value {
    json!({"action": "accept", "content": {"name": name}})
}

#[track_caller]
fn update(server: &mut McpServer, id: &str, answers: &Value) {
    let reply = server.request(
        "tasks/update",
        json!({"taskId": id, "inputResponses": answers}),
    );
    assert_eq!(
        reply["result"],
        json!({"resultType": "complete"}),
        "{reply}"
    );
}

fn keys(task: &Value) -> Vec<String> {
    task["inputRequests"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn what_is_asked_before_a_call_is_a_task_is_asked_as_ever_and_the_task_knows_the_answer() {
    let env = env();
    let mut server = serve(&env);
    let arguments = json!({"first": true, "task": true, "ms": 50});
    let reply = call(&mut server, "asks__job", &arguments);
    let asked = &reply["result"];
    assert_eq!(asked["resultType"], "input_required", "{reply}");
    assert!(asked.get("taskId").is_none(), "{reply}");
    let reply = server.request(
        "tools/call",
        json!({
            "name": "asks__job", "arguments": arguments,
            "requestState": asked["requestState"], "inputResponses": {"who": name("Ada")},
        }),
    );
    assert_eq!(reply["result"]["resultType"], "task", "{reply}");
    assert!(reply["result"].get("requestState").is_none(), "{reply}");
    let id = reply["result"]["taskId"].as_str().unwrap().to_owned();
    assert_eq!(text(&until(&mut server, &id, "completed")), "done for Ada");
    server.close();
}

#[test]
fn a_task_asks_and_what_is_not_answered_or_wrong_stays_open() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "two": true}));
    let task = until(&mut server, &id, "input_required");
    let both = keys(&task);
    assert_eq!(both.len(), 2, "{task}");
    let (first, second) = (&both[0], &both[1]);
    assert_eq!(
        task["inputRequests"][first]["method"], "elicitation/create",
        "{task}"
    );
    assert!(task.get("requestState").is_none(), "{task}");
    let mut answers = json!({"other": name("nobody")});
    answers[first] = json!({"action": "accept", "content": {"name": 7}});
    update(&mut server, &id, &answers);
    assert_eq!(keys(&get(&mut server, &id)), both);
    answers[first] = name("Ada");
    update(&mut server, &id, &answers);
    let task = get(&mut server, &id);
    assert_eq!(task["status"], "input_required", "{task}");
    assert_eq!(keys(&task), std::slice::from_ref(second));
    // What was answered is answered.
    let mut answers = json!({});
    answers[first] = name("Eve");
    answers[second] = name("Bob");
    update(&mut server, &id, &answers);
    let task = until(&mut server, &id, "completed");
    assert_eq!(text(&task), "done with Ada and Bob");
    update(&mut server, &id, &answers);
    server.close();
}
