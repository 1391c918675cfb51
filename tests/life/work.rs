//! What the tests of an execution's life do again and again.

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

pub(crate) fn env() -> TestEnv {
    TestEnv::with_plugins(&["files"], FILES)
}

/// Calls `files__write` in an execution.
pub(crate) fn write(env: &TestEnv, path: &str, content: &str, more: &[&str]) -> Output {
    let (path, content) = (format!("path={path}"), format!("content={content}"));
    env.run(&[&["run", "files__write", &path, &content, "--json"], more].concat())
}

/// Makes an execution with checkpoints `1.md`, `2.md`, …
pub(crate) fn execution(env: &TestEnv, id: &str, checkpoints: usize) {
    for number in 1..=checkpoints {
        let path = format!("{number}.md");
        write(env, &path, "x", &["--execution", id]).exits(0).json();
    }
}

pub(crate) fn json(env: &TestEnv, arguments: &[&str]) -> Value {
    env.run(&[arguments, &["--json"]].concat()).exits(0).json()
}

/// Fails unless the command ends with a code and says words, as text and as JSON.
pub(crate) fn refused(env: &TestEnv, arguments: &[&str], code: i32, words: &[&str]) {
    env.run(arguments).exits(code).says(words);
    let said = env.run(&[arguments, &["--json"]].concat()).exits(code);
    let said = said.json();
    assert_eq!(said["error"]["exit"], json!(code), "{said}");
}

pub(crate) fn branch(env: &TestEnv, id: &str) -> String {
    json(env, &["execution", "show", id])["branch"]
        .as_str()
        .unwrap()
        .to_owned()
}
