//! Large files: they are on the disk while a call works on them, and never whole in memory.

use std::fs;

use serde_json::{Value, json};

use crate::common::{McpServer, TestEnv};

const YAML: &str = "plugins: [{name: reach, grants: {workspace: read-write}, limits: {file_mib: 256, held_mib: 512, \
    time_ms: 600000, cpu_ms: 600000}}]";

/// What a file of the test has, in MiB; and how much more memory the host may take for it.
const LARGE: u64 = 96;
const MORE_MIB: u64 = 24;

#[test]
fn a_large_file_is_never_whole_in_memory() {
    let env = TestEnv::with_plugins(&["reach"], YAML);
    let mut server = env.mcp();
    server.initialize();
    // Once with small files, so that everything is there that each call needs.
    run(
        &mut server,
        &json!([
            {"what": "fill", "path": "/workspace/small", "n": 16},
            {"what": "count", "path": "/workspace/small"},
        ]),
    );
    let before = most_memory(&server);
    // Written, committed and read again; then the same from a pack, changed in place and cut.
    run(
        &mut server,
        &json!([
            {"what": "fill", "path": "/workspace/large", "n": LARGE << 8},
            {"what": "count", "path": "/workspace/large"},
        ]),
    );
    let counted = run(
        &mut server,
        &json!([{"what": "count", "path": "/workspace/large"}]),
    );
    assert_eq!(counted[0]["detail"], (LARGE << 20).to_string());
    env.git(&["repack", "-adq"]);
    let counted = run(
        &mut server,
        &json!([
            {"what": "overwrite", "path": "/workspace/large", "with": "begin"},
            {"what": "set-size", "path": "/workspace/large", "n": (LARGE << 20) - 1},
            {"what": "count", "path": "/workspace/large"},
        ]),
    );
    assert_eq!(counted[2]["detail"], ((LARGE << 20) - 1).to_string());
    let more = most_memory(&server).saturating_sub(before);
    assert!(more < MORE_MIB << 10, "the host took {more} KiB more");

    server.close();
    let branch = env.git(&["branch", "--list", "--format=%(refname:short)", "exec/*"]);
    let size = env.git(&["cat-file", "-s", &format!("{}:large", branch.trim())]);
    assert_eq!(size.trim(), ((LARGE << 20) - 1).to_string());
    env.fsck();
    // Nothing is left beside the repository's own files.
    let own = fs::read_dir(env.repo().join(".git/paracle")).unwrap();
    let large = own.filter(|entry| entry.as_ref().unwrap().metadata().unwrap().len() > 1 << 20);
    assert_eq!(large.count(), 0);
}

/// Lets the guest do some steps, which all have to work.
#[track_caller]
fn run(server: &mut McpServer, steps: &Value) -> Vec<Value> {
    let answer = server.call("reach__try", json!({"steps": steps}));
    let outcomes = &answer["structuredContent"]["outcomes"];
    let outcomes = outcomes.as_array().unwrap_or_else(|| panic!("{answer}"));
    assert!(
        outcomes.iter().all(|outcome| outcome["ok"] == true),
        "{outcomes:#?}"
    );
    outcomes.clone()
}

/// Returns the most memory that the server has taken so far, in KiB.
fn most_memory(server: &McpServer) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
