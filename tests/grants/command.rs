//! Grants by command: to whom, for how long, and what takes them back.

use serde_json::json;

use super::{WRITE, add, ungranted};
use crate::common::TestEnv;

#[test]
fn what_is_granted_by_command_holds_until_it_is_revoked() {
    let env = ungranted();
    drop(env.run(WRITE).exits(3));
    let given = add(&env, &[]);
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(0));
    let id = given["id"].as_str().unwrap();
    drop(env.run(&["grant", "revoke", id]).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn what_is_granted_once_serves_one_call() {
    let env = ungranted();
    add(&env, &["--once"]);
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn a_grant_for_an_execution_serves_no_other() {
    let env = ungranted();
    add(&env, &["--execution", "mine"]);
    drop(
        env.run(&[WRITE, &["--execution", "other"]].concat())
            .exits(3),
    );
    drop(
        env.run(&[WRITE, &["--execution", "mine"]].concat())
            .exits(0),
    );
}

#[test]
fn a_grant_with_an_end_is_listed_with_it() {
    let env = ungranted();
    let add = |until: &str| {
        env.run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-only",
            "--until",
            until,
        ])
    };
    drop(add("2020-01-01").exits(2).says(&["in the past"]));
    drop(add("soon").exits(2).says(&["2026-12-31"]));
    drop(add("9990-12-31").exits(0));
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    for word in [
        "files",
        "workspace=read-only",
        "until 9991-01-01T00:00:00Z",
        "in force",
    ] {
        assert!(list.contains(word), "{word}: {list}");
    }
}

#[test]
fn a_grant_that_the_plugin_does_not_ask_for_is_refused() {
    let env = ungranted();
    drop(
        env.run(&["grant", "add", "files", "--network", "https://example.com"])
            .exits(2)
            .says(&["network-access", "author"]),
    );
    drop(
        env.run(&["grant", "add", "files"])
            .exits(2)
            .says(&["--network"]),
    );
    drop(
        env.run(&["grant", "add", "nobody", "--workspace", "read-only"])
            .exits(2),
    );
}

#[test]
fn explain_says_which_of_the_three_parties_said_no() {
    let env = TestEnv::with_plugins(
        &["files", "caller"],
        "plugins: [{name: files, grants: {workspace: read-only}}, {name: caller}]",
    );
    let explain =
        |words: &[&str]| env.run(&[&["grant", "explain", "files", "--json"], words].concat());
    let operator = explain(&["--workspace", "read-write"]).exits(3).json();
    assert_eq!(operator["parties"][0]["allows"], true, "{operator}");
    assert_eq!(operator["parties"][1]["allows"], false, "{operator}");
    assert_eq!(operator["denied"]["missing"], "operator");
    assert!(
        operator["denied"]["fix"]
            .as_str()
            .unwrap()
            .contains("workspace: read-write")
    );
    let plugin = explain(&["--network", "https://example.com"])
        .exits(3)
        .json();
    assert_eq!(plugin["denied"]["missing"], "plugin");
    let caller = explain(&["--workspace", "read-only", "--caller", "caller"])
        .exits(3)
        .json();
    assert_eq!(caller["denied"]["missing"], "execution");
    let fine = explain(&["--workspace", "read-only"]).exits(0).json();
    assert_eq!(fine["allowed"], true);
}

#[test]
fn grants_that_others_may_write_are_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = ungranted();
    add(&env, &[]);
    let folder = env.home().join(".config/paracle-host/grants");
    for entry in std::fs::read_dir(folder).unwrap() {
        std::fs::set_permissions(
            entry.unwrap().path(),
            std::fs::Permissions::from_mode(0o666),
        )
        .unwrap();
    }
    drop(env.run(WRITE).exits(2).says(&["others may write", "chmod"]));
}

#[test]
fn a_call_that_its_caller_may_not_make_uses_up_no_grant() {
    let env = ungranted();
    env.write(
        ".parac/config/plugins.yaml",
        "plugins: [{name: files}, {name: caller, grants: {tools: [files__read]}}]",
    );
    add(&env, &["--once"]);
    let arguments = json!({"tool": "files__write", "arguments": {"path": "a.md", "content": "x"}});
    let relay = [
        "run",
        "caller__relay",
        "--args",
        &arguments.to_string(),
        "--json",
    ];
    let receipt = env.run(&relay).json();
    assert!(
        receipt
            .to_string()
            .contains("caller may not call files__write"),
        "{receipt}"
    );
    let list = env
        .run(&["grant", "list", "files", "--json"])
        .exits(0)
        .json();
    assert_eq!(list[0]["scope"], "once", "{list}");
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn what_another_process_grants_and_takes_back_reaches_a_server_that_runs() {
    let env = ungranted();
    let mut server = env.mcp();
    server.initialize();
    let mut until = |refused: bool| {
        for _ in 0..1000 {
            let call = json!({"path": "a.md", "content": "x"});
            if server.call("files__write", call)["isError"] == refused {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the server never saw it");
    };
    until(true);
    let given = add(&env, &[]);
    until(false);
    drop(
        env.run(&["grant", "revoke", given["id"].as_str().unwrap()])
            .exits(0),
    );
    until(true);
    server.close();
}
