//! What has to pass on a merged tree before the target moves.

use serde_json::json;

use super::work::{FILES, commit, merge, write};
use crate::common::TestEnv;

fn checks(checks: &serde_json::Value) -> TestEnv {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let yaml = json!({ "checks": checks, "auto_merge": true });
    env.write(".parac/config/git.yaml", &yaml.to_string());
    env
}

fn approve(env: &TestEnv) {
    env.run(&["grant", "checks", "--approve"]).exits(0);
}

/// An execution that is not merged when it ends.
fn written(env: &TestEnv, id: &str, path: &str) {
    let path = format!("path={path}");
    let words = [
        "run",
        "files__write",
        &path,
        "content=x",
        "--execution",
        id,
        "--no-merge",
    ];
    env.run(&words).exits(0);
}

#[test]
fn a_tool_that_checks_sees_the_merged_tree_and_changes_nothing() {
    let env = checks(&json!([
        {"tool": "files__read", "arguments": {"path": "theirs.md"}},
        {"tool": "files__read", "arguments": {"path": "ours.md"}},
        {"tool": "files__write", "arguments": {"path": "checked.md", "content": "x"}},
    ]));
    written(&env, "mine", "theirs.md");
    let before = env.git(&["rev-parse", "main"]);
    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["outcome"], "refused", "{outcome}");
    assert!(
        outcome["why"].as_str().unwrap().contains("ours.md"),
        "{outcome}"
    );
    assert_eq!(env.git(&["rev-parse", "main"]), before);
    commit(&env, "ours.md", "ours\n");
    merge(&env, "mine", 0, &[]);
    assert_eq!(env.read("theirs.md"), "x");
    assert!(!env.repo().join("checked.md").exists());
    // At the end of an execution, too.
    write(&env, "other", "more.md", "x");
    assert_eq!(env.read("more.md"), "x");
}

#[test]
fn a_command_of_the_repository_does_not_run_before_the_person_approved_it() {
    let env = checks(&json!([{"command": ["touch", "$RAN"]}]));
    let ran = env.outside("ran");
    let yaml = env.read(".parac/config/git.yaml");
    let path = ran.to_str().unwrap();
    env.write(".parac/config/git.yaml", &yaml.replace("$RAN", path));
    written(&env, "mine", "a");
    let outcome = merge(&env, "mine", 4, &[]);
    assert!(
        outcome["why"].as_str().unwrap().contains("grant checks"),
        "{outcome}"
    );
    assert!(!ran.exists());
    let listed = env.run(&["grant", "checks"]).exits(0).stdout;
    assert!(
        listed.contains("not approved") && listed.contains("touch"),
        "{listed}"
    );

    // The approval is of these words and no others.
    approve(&env);
    env.write(
        ".parac/config/git.yaml",
        &yaml.replace("$RAN", &format!("{path}2")),
    );
    merge(&env, "mine", 4, &[]);
    assert!(!env.outside("ran2").exists());
    env.write(".parac/config/git.yaml", &yaml.replace("$RAN", path));
    merge(&env, "mine", 0, &[]);
    assert!(ran.exists());
    env.run(&["grant", "checks", "--withdraw"]).exits(0);
    written(&env, "other", "b");
    merge(&env, "other", 4, &[]);
}

#[test]
fn a_command_runs_on_the_merged_tree_and_its_end_decides() {
    let env = checks(
        &json!([{"command": ["sh", "-c", "cat ours.md a && git rev-parse HEAD && echo told && test -f go"]}]),
    );
    approve(&env);
    written(&env, "mine", "a");
    commit(&env, "ours.md", "ours\n");
    let outcome = merge(&env, "mine", 4, &[]);
    let why = outcome["why"].as_str().unwrap();
    assert!(
        why.contains("ended with 1") && why.contains("told"),
        "{why}"
    );
    assert!(why.contains("ours"), "{why}");
    commit(&env, "go", "");
    let before = env.git(&["worktree", "list"]);
    merge(&env, "mine", 0, &[]);
    assert_eq!(
        env.git(&["worktree", "list"]).lines().count(),
        before.lines().count()
    );
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    env.fsck();
}

#[test]
fn a_command_that_does_not_end_is_stopped_with_all_that_it_started() {
    let env = checks(
        &json!([{"command": ["sh", "-c", "(sleep 600; touch late) & echo began; sleep 600"], "time_s": 1}]),
    );
    approve(&env);
    written(&env, "mine", "a");
    let outcome = merge(&env, "mine", 4, &[]);
    let why = outcome["why"].as_str().unwrap();
    assert!(
        why.contains("stopped after 1 s") && why.contains("began"),
        "{why}"
    );
}

#[test]
fn only_the_command_that_merges_runs_commands_and_never_an_assistants_wish() {
    let env = checks(&json!([{"command": ["touch", "$RAN"]}]));
    let ran = env.outside("ran");
    let yaml = env.read(".parac/config/git.yaml");
    env.write(
        ".parac/config/git.yaml",
        &yaml.replace("$RAN", ran.to_str().unwrap()),
    );
    approve(&env);
    let mut server = env.mcp();
    server.initialize();
    server.call("files__write", json!({"path": "a", "content": "x"}));
    server.close();
    for more in [[].as_slice(), &["--merge"]] {
        let words = [
            &["run", "files__write", "path=b", "content=x", "--json"],
            more,
        ]
        .concat();
        let receipt = env.run(&words).exits(4).json();
        let merge = &receipt["completed"]["merge"];
        assert_eq!(merge["outcome"], "refused", "{receipt}");
        assert!(
            merge["why"]
                .as_str()
                .unwrap()
                .contains("paracle-host git merge"),
            "{receipt}"
        );
    }
    assert!(!ran.exists() && !env.repo().join("a").exists());
    assert_eq!(env.git(&["branch", "--list", "exec/*"]).lines().count(), 3);
}
