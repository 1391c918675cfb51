//! A repository with a journal, to be looked at and changed.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

pub(super) const JOURNAL: &str = ".git/paracle/audit.jsonl";
pub(super) const ANCHOR: &str = ".git/paracle/audit.head";

pub(super) const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// A repository in which a few calls were made.
pub(super) fn env() -> TestEnv {
    let env = TestEnv::with_plugins(&["files", "hello"], FILES);
    for name in ["Ada", "Bea", "Cleo"] {
        greet(&env, name);
    }
    env
}

pub(super) fn greet(env: &TestEnv, name: &str) {
    drop(
        env.run(&["run", "hello__greet", &format!("name={name}")])
            .exits(0),
    );
}

/// Begins as many runs at once, each a process of its own.
pub(super) fn begin_runs(env: &TestEnv, count: usize) -> Vec<Child> {
    (0..count)
        .map(|n| {
            env.program_in("")
                .args(["run", "hello__greet", &format!("name=n{n}")])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect()
}

pub(super) fn lines(env: &TestEnv) -> Vec<String> {
    env.read(JOURNAL).lines().map(str::to_owned).collect()
}

pub(super) fn records(env: &TestEnv) -> Vec<Value> {
    lines(env)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(super) fn of_kind(env: &TestEnv, kind: &str) -> Vec<Value> {
    let mut records = records(env);
    records.retain(|record| record["kind"] == kind);
    records
}

pub(super) fn write(env: &TestEnv, lines: &[String]) {
    env.write(JOURNAL, &(lines.join("\n") + "\n"));
}

pub(super) fn verify(env: &TestEnv) -> Output {
    env.run(&["audit", "verify", "--json"])
}

/// Expects the journal to be found wrong, at a line and in a way.
#[track_caller]
pub(super) fn check_wrong(env: &TestEnv, line: usize, fault: &str) {
    let found = verify(env).exits(1).json();
    assert_eq!(found["wrong"]["line"], json!(line), "{found}");
    assert_eq!(found["wrong"]["fault"], fault, "{found}");
    let told = env.run(&["audit", "verify"]).exits(1);
    assert!(told.stderr.contains(&format!("line {line}")), "{told:?}");
    assert!(told.stdout.is_empty(), "{told:?}");
}

/// Expects the journal to be as it was written.
#[track_caller]
pub(super) fn check_intact(env: &TestEnv, records: usize) -> Value {
    let found = verify(env).exits(0).json();
    assert_eq!(found["wrong"], Value::Null, "{found}");
    assert_eq!(found["records"], json!(records), "{found}");
    found
}
