//! Only people grant: by `plugins.yaml`, by command, or by answering a question.

mod approval;
mod asking;
mod command;
mod shown;

use serde_json::Value;

use crate::common::TestEnv;

const WRITE: &[&str] = &["run", "files__write", "path=a.md", "content=x"];

fn ungranted() -> TestEnv {
    TestEnv::with_plugins(&["files", "caller"], "plugins: [{name: files}]")
}

/// Grants `files` the workspace by command, and returns what was given.
#[track_caller]
fn add(env: &TestEnv, more: &[&str]) -> Value {
    let add = [
        "grant",
        "add",
        "files",
        "--workspace",
        "read-write",
        "--json",
    ];
    env.run(&[&add, more].concat()).exits(0).json()
}
