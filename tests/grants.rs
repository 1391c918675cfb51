//! Only people grant: by `plugins.yaml`, by command, or by answering a question.

use serde_json::json;

use crate::common::TestEnv;

const WRITE: &[&str] = &["run", "files__write", "path=a.md", "content=x"];

fn ungranted() -> TestEnv {
    TestEnv::with_plugins(&["files", "caller"], "plugins: [{name: files}]")
}

#[test]
fn what_is_granted_by_command_holds_until_it_is_revoked() {
    let env = ungranted();
    drop(env.run(WRITE).exits(3));
    let given = env
        .run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-write",
            "--json",
        ])
        .exits(0)
        .json();
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(0));
    let id = given["id"].as_str().unwrap();
    drop(env.run(&["grant", "revoke", id]).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn what_is_granted_once_serves_one_call() {
    let env = ungranted();
    drop(
        env.run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-write",
            "--once",
        ])
        .exits(0),
    );
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn a_grant_for_an_execution_serves_no_other() {
    let env = ungranted();
    drop(
        env.run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-write",
            "--execution",
            "mine",
        ])
        .exits(0),
    );
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
fn a_plugin_with_other_bytes_has_none_of_what_was_granted() {
    let env = ungranted();
    drop(
        env.run(&["grant", "add", "files", "--workspace", "read-write"])
            .exits(0),
    );
    // A custom section changes the bytes, and nothing that the plugin says.
    let mut bytes = crate::common::guest("files").to_vec();
    bytes.extend([0, 2, 1, b'x']);
    env.write_bytes(".parac/plugins/files.wasm", &bytes);
    drop(env.run(WRITE).exits(3));
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    assert!(list.contains("for other bytes"), "{list}");
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(env.run(WRITE).exits(0));
}

#[test]
fn a_changed_tool_list_after_approval_is_not_served() {
    let env = ungranted();
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    // Another plugin's bytes would have another name: one character of a tool's description is enough.
    let bytes = crate::common::guest("files");
    let said = b"Reads a text file";
    let at = bytes.windows(said.len()).position(|window| window == said);
    let mut bytes = bytes.to_vec();
    bytes[at.unwrap()] = b'r';
    env.write_bytes(".parac/plugins/files.wasm", &bytes);
    env.run(&["run", "files__read", "path=README.md"])
        .exits(2)
        .says(&["tool read changed", "grant trust files"]);
    let waits = env.run(&["grant", "trust"]).exits(0).stdout;
    assert!(waits.contains("files: "), "{waits}");
    let mut server = env.mcp();
    server.initialize();
    let tools = server.request("tools/list", json!({})).to_string();
    assert!(!tools.contains("files__"), "{tools}");
    server.close();
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(env.run(&["run", "files__read", "path=README.md"]).exits(3));
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
    drop(
        env.run(&["grant", "add", "files", "--workspace", "read-write"])
            .exits(0),
    );
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
