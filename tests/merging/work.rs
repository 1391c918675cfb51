//! What the tests of merging do again and again.

use serde_json::Value;

use crate::common::TestEnv;

pub(super) const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// A repository in which `files` may write.
pub(super) fn env() -> TestEnv {
    TestEnv::with_plugins(&["files"], FILES)
}

/// Writes a file in an execution, and returns the receipt.
pub(super) fn write(env: &TestEnv, id: &str, path: &str, content: &str) -> Value {
    let (path, content) = (format!("path={path}"), format!("content={content}"));
    env.run(&[
        "run",
        "files__write",
        &path,
        &content,
        "--execution",
        id,
        "--json",
    ])
    .exits(0)
    .json()
}

/// Commits a file as the person.
pub(super) fn commit(env: &TestEnv, path: &str, content: &str) {
    env.write(path, content);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=a person's own"]);
}

/// Merges an execution, and returns what became of it.
pub(super) fn merge(env: &TestEnv, id: &str, exit: i32, more: &[&str]) -> Value {
    let words = [&["git", "merge", id, "--json"], more].concat();
    env.run(&words).exits(exit).json()
}

/// Returns an execution's branch.
pub(super) fn branch(env: &TestEnv, id: &str) -> String {
    let shown = env
        .run(&["execution", "show", id, "--json"])
        .exits(0)
        .json();
    shown["branch"].as_str().unwrap().to_owned()
}

/// Leaves an execution `mine` that does not fit onto main in README.md.
pub(super) fn conflict(env: &TestEnv) {
    write(env, "mine", "README.md", "theirs\n");
    write(env, "mine", "added.md", "theirs\n");
    commit(env, "README.md", "ours\n");
    let outcome = merge(env, "mine", 4, &[]);
    assert_eq!(outcome["outcome"], "conflict", "{outcome}");
}

/// Returns the conflicts of an execution as the program lists them.
pub(super) fn conflicts(env: &TestEnv, id: &str) -> Value {
    let listed = env.run(&["execution", "conflicts", id, "--json"]);
    listed.exits(0).json()["conflicts"].clone()
}
