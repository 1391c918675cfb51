//! Rules 6 and 13 of executions: what was not committed is said, and each kind of repository works or says why not.

use std::fs;

use serde_json::{Value, json};

use crate::common::TestEnv;

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// Writes a file by a tool, and returns the receipt.
#[track_caller]
fn write(env: &TestEnv) -> Value {
    let written = env.run(&["run", "files__write", "path=new.md", "content=x", "--json"]);
    let receipt = written.exits(0).json();
    let branch = receipt["branch"].as_str().unwrap();
    assert_eq!(env.git(&["show", &format!("{branch}:new.md")]), "x");
    receipt
}

/// Expects that nothing can be written, and why.
#[track_caller]
fn is_refused(env: &TestEnv, words: &[&str]) {
    env.run(&["run", "files__write", "path=new.md", "content=x"])
        .exits(2)
        .says(words);
}

#[test]
fn rule_06_what_was_not_committed_is_reported_never_skipped_silently() {
    let env = TestEnv::with_plugins(
        &["reach"],
        "plugins: [{name: reach, grants: {workspace: read-write}, limits: {file_mib: 1}}]",
    );
    env.write(".gitignore", "/.parac/\n*.log\n");
    env.write("large", &"x".repeat((1 << 20) + 1));
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=more"]);
    env.write("README.md", "not committed\n");
    let steps = json!([
        {"what": "read", "path": "/workspace/large"},
        {"what": "write", "path": "/workspace/a.log", "with": "x"},
        {"what": "make-directory", "path": "/workspace/empty"},
    ]);
    let arguments = json!({"steps": steps}).to_string();
    let receipt = env
        .run(&["run", "reach__try", "--args", &arguments, "--json"])
        .exits(0)
        .json();
    let notes = receipt["notes"].to_string();
    for words in [
        "did not see what is uncommitted in the checkout: README.md",
        "refused: large",
        "ignored by git, and committed all the same",
        "empty directories are not kept by git: empty",
    ] {
        assert!(notes.contains(words), "{words:?} is not in {notes}");
    }
    // What a call changed that failed is not committed, and that is said too.
    let steps = json!([{"what": "write", "path": "/workspace/b", "with": "x"}]);
    let arguments = json!({"steps": steps, "fail": true}).to_string();
    let receipt = env.run(&["run", "reach__try", "--args", &arguments, "--json"]);
    let notes = receipt.exits(1).json()["notes"].to_string();
    assert!(
        notes.contains("1 path(s) that it had changed were left"),
        "{notes}"
    );
}

#[test]
fn rule_13_no_remote() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    assert_eq!(env.git(&["remote"]), "");
    write(&env);
}

#[test]
fn rule_13_an_empty_repository() {
    let env = TestEnv::bare_folder();
    env.git(&["init", "--quiet", "--initial-branch=main", "."]);
    env.install(&["files"], FILES);
    is_refused(&env, &["main", "has no commit yet", "make a first commit"]);
}

#[test]
fn rule_13_a_detached_head() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.git(&["checkout", "--quiet", "--detach"]);
    let receipt = write(&env);
    let head = env.git(&["rev-parse", "HEAD"]);
    assert_eq!(receipt["base"], head.trim());
}

#[test]
fn rule_13_an_unborn_branch() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.git(&["checkout", "--quiet", "--orphan", "later"]);
    is_refused(&env, &["later", "has no commit yet"]);
    // Another branch that has commits can be begun with.
    env.write(".parac/config/git.yaml", "base_branch: main\n");
    let receipt = write(&env);
    let main = env.git(&["rev-parse", "main"]);
    assert_eq!(receipt["base"], main.trim());
}

#[test]
fn rule_13_a_bare_repository() {
    let source = TestEnv::new();
    let env = TestEnv::bare_folder();
    let from = source.repo();
    env.git(&["clone", "--quiet", "--bare", from.to_str().unwrap(), "."]);
    env.install(&["files"], FILES);
    write(&env);
}

#[test]
fn rule_13_a_shallow_clone() {
    let source = TestEnv::new();
    source.write("README.md", "# Another\n");
    source.git(&["commit", "--quiet", "--all", "--message=second"]);
    let env = TestEnv::bare_folder();
    let from = format!("file://{}", source.repo().display());
    env.git(&["clone", "--quiet", "--depth=1", &from, "."]);
    env.install(&["files"], FILES);
    let receipt = write(&env);
    env.run(&["git", "merge", receipt["branch"].as_str().unwrap()])
        .exits(0);
    assert_eq!(env.read("new.md"), "x");
    assert_eq!(env.git(&["rev-parse", "--is-shallow-repository"]), "true\n");
}

#[test]
fn rule_13_sha_256_objects_are_a_clear_error() {
    let env = TestEnv::bare_folder();
    env.git(&["init", "--quiet", "--object-format=sha256", "."]);
    env.write("a", "a");
    env.git(&["add", "a"]);
    env.git(&["commit", "--quiet", "--message=first"]);
    env.install(&["files"], FILES);
    is_refused(&env, &["SHA-256", "not supported"]);
}

#[test]
fn rule_13_a_path_that_is_not_a_repository() {
    let env = TestEnv::bare_folder();
    env.install(&["files"], FILES);
    is_refused(&env, &["not in a git repository", "git init"]);
    let left: Vec<_> = fs::read_dir(env.repo()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing but the plugins' folder: {left:?}");
}
