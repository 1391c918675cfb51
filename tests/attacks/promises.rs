//! What hostile guests try, and what the host still keeps.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

const HOSTILE: &str = "plugins: [{name: hostile, grants: {workspace: read-write}}]";

fn push(env: &TestEnv, arguments: &Value) -> Output {
    env.run(&["run", "hostile__push", "--args", &arguments.to_string()])
}

#[test]
pub(crate) fn no_tool_writes_what_grants() {
    let env = TestEnv::with_plugins(&["hostile"], HOSTILE);
    let granted = env.read(".parac/config/plugins.yaml");
    // As in a team that shares its grants: the folder is part of the repository.
    env.write(".gitignore", "");
    env.write("sub/.parac/config/plugins.yaml", "");
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=shared"]);
    for (what, path) in [
        ("write", ".parac/config/plugins.yaml"),
        ("write", ".parac/config/new.yaml"),
        ("write", "sub/.parac/config/plugins.yaml"),
        ("write", "src/.parac"),
        ("write", "src/.PARAC"),
        ("remove", ".parac/config/plugins.yaml"),
        ("rename", ".parac"),
        ("rename", ".parac/config/plugins.yaml"),
    ] {
        let path = format!("/workspace/{path}");
        let call = json!({"what": what, "path": path}).to_string();
        drop(
            env.run(&["run", "hostile__push", "--args", &call, "--merge"])
                .exits(1)
                .says(&["ermitted"]),
        );
    }
    assert_eq!(env.read(".parac/config/plugins.yaml"), granted);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    // Everything else is as writable as before.
    drop(push(&env, &json!({"what": "write", "path": "/workspace/parac"})).exits(0));
}

#[test]
fn no_part_of_an_answer_is_over_the_limit() {
    let env = TestEnv::with_plugins(&["hostile"], HOSTILE);
    for what in ["structured", "link"] {
        drop(
            push(&env, &json!({"what": what, "n": 5 << 20}))
                .exits(5)
                .says(&["result size limit", "result_kib"]),
        );
    }
    drop(push(&env, &json!({"what": "parts", "n": 100_000})).exits(5));
    let error = push(&env, &json!({"what": "error", "n": 5 << 20})).exits(1);
    assert!(error.stderr.len() < 100_000, "{}", error.stderr.len());
}

#[test]
fn what_a_guest_holds_open_does_not_grow_the_host() {
    let env = TestEnv::with_plugins(
        &["hostile"],
        "plugins: [{name: hostile, grants: {workspace: read-write}, limits: {held_mib: 128, cpu_ms: 86400000, time_ms: 86400000}}]",
    );
    for n in 0..2000 {
        env.write(&format!("many/{n}{}", "-".repeat(200)), "");
    }
    for n in 0..10_u8 {
        env.write_bytes(&format!("large/{n}"), &vec![n; 60 << 20]);
    }
    env.git(&["add", "--all"]);
    env.git(&[
        "-c",
        "core.compression=1",
        "commit",
        "--quiet",
        "--message=much",
    ]);
    let list = |n| json!({"what": "list", "path": "/workspace/many", "n": n});
    drop(push(&env, &list(20)).exits(0));
    drop(push(&env, &list(900)).exits(5).says(&["held_mib"]));
    let hold = |n| json!({"what": "hold", "path": "/workspace/large", "n": n});
    drop(push(&env, &hold(2)).exits(0));
    drop(push(&env, &hold(10)).exits(5).says(&["held_mib"]));
}

#[test]
pub(crate) fn a_plugin_that_keeps_its_instance_does_not_hold_up_others() {
    let env = TestEnv::with_plugins(
        &["keep", "hello"],
        "plugins: [{name: keep, grants: {tools: ['*']}, limits: {time_ms: 1000}}]",
    );
    drop(
        env.run(&["run", "keep__again"])
            .exits(5)
            .says(&["time limit"]),
    );
    let mut server = env.mcp_with_log();
    server.initialize();
    let held: Vec<i64> = (0..100)
        .map(|_| server.begin_call("keep__hold", json!({})))
        .collect();
    let greeted = server.call("hello__greet", json!({"name": "Ada"}));
    assert_eq!(greeted["content"][0]["text"], "Hello, Ada!");
    for id in held {
        assert_eq!(server.reply(id)["result"]["isError"], true);
    }
    server.close();
    // To wait for the instance is part of a call: those whose time was up while they waited never began. One after the
    // other, each would have held the rest up for its whole time.
    let began = env.log().matches("holding").count();
    assert!((1..50).contains(&began), "{began} of 100 calls began");
}

#[test]
fn an_observer_that_hangs_takes_no_event_from_another() {
    let env = TestEnv::with_plugins(
        &["watcher", "counter", "hello"],
        "plugins: [{name: watcher, limits: {time_ms: 86400000}}]",
    );
    let output = env.run(&["run", "hello__greet", "name=Ada", "-v"]).exits(0);
    for event in ["step-completed 1", "execution-completed 1"] {
        assert!(output.stderr.contains(event), "{event}:\n{}", output.stderr);
    }
}

#[test]
pub(crate) fn an_observer_that_never_comes_back_does_not_hold_up_the_end() {
    // The observer may take a day for an event: a run that waited for it would not end before this test is given up.
    let env = TestEnv::with_plugins(
        &["watcher", "hello"],
        "plugins: [{name: watcher, limits: {time_ms: 86400000}}]",
    );
    drop(env.run(&["run", "hello__greet", "name=Ada"]).exits(0));
}

#[test]
fn who_does_not_read_the_log_does_not_stop_the_host() {
    let env = TestEnv::with_plugins(&["hostile", "hello"], HOSTILE);
    let mut command: Command = env.program_in("");
    let mut child = command
        .args(["mcp", "serve", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // A pipe that nobody reads.
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}
    }});
    writeln!(input, "{hello}").unwrap();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    writeln!(input, "{ready}").unwrap();
    for id in 1..=8 {
        let call = json!({"name": "hostile__push", "arguments": {"what": "say", "n": 2000}});
        let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call});
        writeln!(input, "{call}").unwrap();
    }
    let (sender, answers) = std::sync::mpsc::channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines() {
            sender.send(line.unwrap()).unwrap_or_default();
        }
    });
    let answered = (0..9).all(|_| answers.recv_timeout(Duration::from_mins(1)).is_ok());
    drop(input);
    let ends = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        child.try_wait().unwrap().is_some()
    });
    child.kill().unwrap_or_default();
    child.wait().unwrap();
    assert!(answered, "the host stopped answering");
    assert!(ends, "the host did not end");
}
