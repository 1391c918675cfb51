//! Tasks outlive their host.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::json;

use super::{begin, env, get, serve, text, until};
use crate::common::TestEnv;

fn files(env: &TestEnv, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(env.repo().join(".git/paracle/tasks")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

#[test]
fn a_finished_task_is_found_after_a_restart_with_its_result_and_its_execution() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "writes": "a.md"}));
    let before = until(&mut server, &id, "completed");
    server.close();
    for file in files(&env, "json") {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file:?}");
    }
    let mut server = serve(&env);
    assert_eq!(get(&mut server, &id), before);
    let execution = before
        .pointer("/result/_meta/dev.paracle~1receipt/execution")
        .unwrap();
    let shown = env.run(&["execution", "diff", execution.as_str().unwrap()]);
    assert!(shown.exits(0).stdout.contains("a.md"), "{before}");
    server.close();
}

#[test]
fn a_task_of_a_host_that_was_killed_has_failed_and_names_its_execution() {
    let env = env();
    let mut server = serve(&env);
    let written = begin(&mut server, &json!({"task": true, "writes": "a.md"}));
    let done = until(&mut server, &written, "completed");
    let running = begin(&mut server, &json!({"task": true, "end": "endless"}));
    // Another host sees that it runs, and cannot end it.
    let mut other = serve(&env);
    assert_eq!(get(&mut other, &running)["status"], "working");
    server.kill();
    let task = until(&mut other, &running, "failed");
    let message = task["error"]["message"].as_str().unwrap();
    let execution = done
        .pointer("/result/_meta/dev.paracle~1receipt/execution")
        .unwrap();
    let execution = execution.as_str().unwrap();
    let said = format!("the host was stopped; execution {execution} holds what it did");
    assert_eq!(message, said);
    other.close();
    let mut server = serve(&env);
    assert_eq!(get(&mut server, &running), task);
    assert_eq!(get(&mut server, &written), done);
    // The next task clears away what the killed host left.
    begin(&mut server, &json!({"task": true}));
    assert_eq!(files(&env, "alive").len(), 1);
    server.close();
}

#[test]
fn each_change_of_a_tasks_status_is_written_down() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "two": true}));
    let asks = until(&mut server, &id, "input_required");
    let requests = asks["inputRequests"].as_object().unwrap();
    // Another host reads what is written down, and finds the status there.
    let mut other = serve(&env);
    let seen = until(&mut other, &id, "input_required");
    assert_eq!(seen["inputRequests"], asks["inputRequests"]);
    let accepted = json!({"action": "accept", "content": {"name": "Ada"}});
    let mut answers = json!({});
    answers[requests.keys().next().unwrap()] = accepted.clone();
    server.request(
        "tasks/update",
        json!({"taskId": id, "inputResponses": answers}),
    );
    while get(&mut other, &id)["inputRequests"]
        .as_object()
        .unwrap()
        .len()
        != 1
    {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    server.kill();
    let task = until(&mut other, &id, "failed");
    assert!(task.get("inputRequests").is_none(), "{task}");
    assert!(
        task["lastUpdatedAt"].as_str() > asks["lastUpdatedAt"].as_str(),
        "{task}"
    );
    other.close();
}

#[test]
fn a_long_result_of_a_task_is_cut_and_the_whole_is_found_after_a_restart() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "result_chars: 2\n");
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true}));
    let before = until(&mut server, &id, "completed");
    assert_eq!(text(&before), "do", "{before}");
    assert_eq!(get(&mut server, &id), before);
    server.close();
    let mut server = serve(&env);
    assert_eq!(get(&mut server, &id), before);
    let notice = before["result"]["content"][1]["text"].as_str().unwrap();
    let uri = notice
        .split_whitespace()
        .find(|word| word.starts_with("result://"));
    let read = server.request("resources/read", json!({"uri": uri.unwrap()}));
    assert_eq!(read["result"]["contents"][0]["text"], "done", "{read}");
    server.close();
}

#[test]
fn a_task_whose_connection_ends_has_failed_for_whoever_looks_later() {
    let env = env();
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true, "end": "endless"}));
    server.close();
    let mut server = serve(&env);
    let task = get(&mut server, &id);
    assert_eq!(task["status"], "failed", "{task}");
    assert!(
        task["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("the host was stopped")
    );
    server.close();
}

#[test]
fn a_task_that_is_over_or_another_callers_is_not_found() {
    let env = env();
    let mut server = serve(&env);
    let ids = [(); 3].map(|()| {
        let id = begin(&mut server, &json!({"task": true}));
        until(&mut server, &id, "completed");
        id
    });
    server.close();
    let edit = |id: &str, from: &str, to: &str| {
        let path = env.repo().join(format!(".git/paracle/tasks/{id}.json"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    };
    edit(&ids[0], "\"caller\":\"stdio\"", "\"caller\":\"another\"");
    edit(&ids[1], "\"ttl_ms\":86400000", "\"ttl_ms\":0");
    let mut server = serve(&env);
    for id in &ids[..2] {
        let reply = server.request("tasks/get", json!({"taskId": id}));
        assert_eq!(reply["error"]["code"], -32602, "{reply}");
    }
    assert_eq!(text(&get(&mut server, &ids[2])), "done");
    // What is over is removed, what is another's is not.
    assert_eq!(files(&env, "json").len(), 2);
    server.close();
}

#[test]
fn without_a_repository_a_task_is_kept_in_memory_and_its_ttl_says_so() {
    let env = TestEnv::bare_folder();
    env.install(&["asks"], "plugins: [{name: asks}]");
    let mut server = serve(&env);
    let id = begin(&mut server, &json!({"task": true}));
    let task = until(&mut server, &id, "completed");
    assert_eq!(task["ttlMs"], 3_600_000, "{task}");
    server.close();
    let mut server = serve(&env);
    let reply = server.request("tasks/get", json!({"taskId": id}));
    assert_eq!(reply["error"]["code"], -32602, "{reply}");
    server.close();
}
