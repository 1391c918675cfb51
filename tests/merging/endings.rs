//! How executions end: strategies, protected branches, and the keys and flags that say so.

use serde_json::{Value, json};

use super::work::{FILES, branch, commit, conflict, env, merge, write};
use crate::common::TestEnv;

fn settings(yaml: &str) -> TestEnv {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.write(".parac/config/git.yaml", yaml);
    env
}

fn run(env: &TestEnv, path: &str, more: &[&str]) -> Value {
    let path = format!("path={path}");
    let words = [&["run", "files__write", &path, "content=x", "--json"], more].concat();
    env.run(&words).exits(0).json()
}

fn parents(env: &TestEnv, name: &str) -> usize {
    env.git(&["log", "-1", "--format=%P", name])
        .split_whitespace()
        .count()
}

#[test]
fn the_strategy_merge_always_makes_a_merge_commit() {
    let env = env();
    write(&env, "mine", "a", "a\n");
    merge(&env, "mine", 0, &["--strategy", "merge"]);
    assert_eq!(parents(&env, "main"), 2);
}

#[test]
fn the_strategy_squash_leaves_one_commit_that_names_every_call() {
    let env = env();
    write(&env, "mine", "a", "a\n");
    write(&env, "mine", "b", "b\n");
    commit(&env, "c", "ours\n");
    let before = env.git(&["rev-parse", "main"]);
    merge(&env, "mine", 0, &["--strategy", "squash"]);
    assert_eq!(env.git(&["rev-parse", "main~"]), before);
    let message = env.git(&["log", "-1", "--format=%B", "main"]);
    assert_eq!(message.matches("Paracle-Call: ").count(), 2, "{message}");
    assert_eq!(
        (env.read("a"), env.read("b"), env.read("c")),
        ("a\n".into(), "b\n".into(), "ours\n".into())
    );
    // The same again finds that it is there, and the branch may go: what it did is provably in the target.
    assert_eq!(
        merge(&env, "mine", 0, &["--strategy", "squash"])["outcome"],
        "up-to-date"
    );
    let branch = branch(&env, "mine");
    env.run(&["git", "cleanup", "--target", "main"]).exits(0);
    assert_eq!(env.git(&["branch", "--list", &branch]), "");
}

#[test]
fn the_strategy_rebase_puts_the_commits_onto_the_target_one_by_one() {
    let env = settings("strategy: rebase\n");
    write(&env, "mine", "a", "a\n");
    write(&env, "mine", "b", "b\n");
    commit(&env, "c", "ours\n");
    merge(&env, "mine", 0, &[]);
    let log = env.git(&["log", "--format=%s %P", "-3", "main"]);
    assert!(
        log.lines().all(|line| line.split(' ').count() <= 4),
        "{log}"
    );
    let subjects = env.git(&["log", "--format=%s", "-3", "main"]);
    let subjects: Vec<&str> = subjects.lines().collect();
    assert_eq!(
        subjects,
        [
            "[mine] files__write",
            "[mine] files__write",
            "a person's own"
        ]
    );
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    env.fsck();
}

#[test]
fn what_was_decided_as_a_whole_is_rebased_as_one_commit() {
    let env = env();
    conflict(&env);
    env.run(&["execution", "resolve", "mine", "README.md", "--theirs"])
        .exits(0);
    write(&env, "mine", "after.md", "x\n");
    merge(&env, "mine", 0, &["--strategy", "rebase"]);
    let subjects = env.git(&["log", "--format=%s", "-3", "main"]);
    let subjects: Vec<&str> = subjects.lines().collect();
    assert_eq!(
        subjects,
        ["[mine] files__write", "Execution mine", "a person's own"]
    );
    assert_eq!(env.read("README.md"), "theirs\n");
}

#[test]
fn auto_merge_merges_and_a_protected_branch_waits_for_a_persons_word() {
    let env = settings("auto_merge: true\nprotect: [main, 'release/*']\n");
    let receipt = run(&env, "a", &[]);
    assert_eq!(receipt["completed"]["status"], "kept", "{receipt}");
    assert_eq!(receipt["completed"]["merge"], json!(null), "{receipt}");
    run(&env, "b", &["--merge"]);
    assert_eq!(env.read("b"), "x");
    merge(&env, receipt["execution"].as_str().unwrap(), 0, &[]);
    assert_eq!(env.read("a"), "x");
    env.git(&["checkout", "--quiet", "-b", "topic"]);
    let receipt = run(&env, "c", &[]);
    assert_eq!(receipt["completed"]["status"], "merged", "{receipt}");
    let receipt = run(&env, "d", &["--no-merge"]);
    assert_eq!(receipt["completed"]["status"], "kept", "{receipt}");
}

#[test]
fn an_assistants_session_does_not_merge_to_a_protected_branch() {
    let env = settings("auto_merge: true\nprotect: ['*']\n");
    let mut server = env.mcp();
    server.initialize();
    server.call("files__write", json!({"path": "a", "content": "x"}));
    server.close();
    assert!(!env.repo().join("a").exists());
    assert!(env.git(&["branch", "--list", "exec/*"]).contains("exec/"));
}

#[test]
fn without_branching_the_commits_go_to_the_base_branch_and_no_branch_stays() {
    let env = settings("enable_branching: false\n");
    run(&env, "a", &[]);
    assert_eq!(env.read("a"), "x");
    assert_eq!(parents(&env, "main"), 1);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    // What cannot go there is kept.
    env.write("a", "not committed\n");
    let words = ["run", "files__write", "path=a", "content=y", "--json"];
    let receipt = env.run(&words).exits(4).json();
    assert_eq!(
        receipt["completed"]["merge"]["outcome"], "ready-to-merge",
        "{receipt}"
    );
    assert!(env.git(&["branch", "--list", "exec/*"]).contains("exec/"));
    assert_eq!(env.read("a"), "not committed\n");
}

#[test]
fn without_auto_commit_a_receipt_tells_what_was_given_up() {
    let env = settings("auto_commit: false\n");
    for more in [[].as_slice(), &["--strategy", "squash"]] {
        let receipt = run(&env, "a", more);
        assert_eq!(receipt["branch"], json!(null), "{receipt}");
        let notes = receipt["notes"].to_string();
        assert!(
            notes.contains("auto_commit") && notes.contains(": a"),
            "{notes}"
        );
    }
    env.write(".parac/config/git.yaml", "");
    run(&env, "a", &["--no-commit"]);
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
        ""
    );
}

#[test]
fn auto_cleanup_and_its_flag_decide_whether_a_merged_branch_stays() {
    let env = settings("auto_merge: true\nauto_cleanup: false\n");
    run(&env, "a", &[]);
    assert!(env.git(&["branch", "--list", "exec/*"]).contains("exec/"));
    let env = settings("auto_merge: true\nstrategy: squash\n");
    run(&env, "a", &[]);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    run(&env, "b", &["--keep-branch"]);
    assert!(env.git(&["branch", "--list", "exec/*"]).contains("exec/"));
}

#[test]
fn keys_of_git_yaml_that_make_no_sense_name_the_line() {
    for (yaml, word) in [
        ("strategy: octopus\n", "git.yaml:1"),
        ("protect: ['a b']\n", "pattern of branches"),
        ("checks:\n  - command: cargo test\n", "git.yaml:2"),
        ("checks: [{command: [x], tool: a__b}]\n", "either"),
        ("protected: [main]\n", "git.yaml:1"),
    ] {
        let env = settings(yaml);
        env.run(&["run", "files__read", "path=README.md"])
            .exits(2)
            .says(&[word]);
    }
}

#[test]
fn what_protect_holds_back_is_said_with_the_command_that_merges_it() {
    let env = settings("auto_merge: true\nprotect: [main]\n");
    let words = [
        "run",
        "files__write",
        "path=a",
        "content=x",
        "--execution",
        "mine",
    ];
    env.run(&words).exits(0).says(&[
        "not merged",
        "protect: [main]",
        "paracle-host git merge mine",
    ]);
    let receipt = run(&env, "b", &[]);
    assert_eq!(
        receipt["completed"]["held_back"],
        json!({"target": "main", "protect": "main"}),
        "{receipt}"
    );
    // Nothing was held back where nothing was to be merged.
    let receipt = run(&env, "c", &["--no-merge"]);
    assert_eq!(receipt["completed"]["held_back"], json!(null), "{receipt}");
    let mut server = env.mcp_with_log();
    server.initialize();
    server.call("files__write", json!({"path": "d", "content": "x"}));
    server.close();
    let log = env.log();
    assert!(log.contains("main is protected"), "{log}");
}

#[test]
fn a_receipt_does_not_say_that_nothing_changed_where_changes_were_given_up() {
    let env = settings("");
    let words = ["run", "files__write", "path=a", "content=x", "--no-commit"];
    let told = env.run(&words).exits(0).says(&["given up"]);
    assert!(!told.stderr.contains("changed nothing"), "{told:?}");
    let receipt = run(&env, "a", &["--no-commit"]);
    assert_eq!(
        receipt["given_up"],
        json!([{"path": "a", "kind": "added"}]),
        "{receipt}"
    );
    let receipt = run(&env, "a", &[]);
    assert!(receipt.get("given_up").is_none(), "{receipt}");
}

#[test]
fn a_receipts_range_of_commits_shows_the_calls_own_change() {
    let env = env();
    write(&env, "mine", "a", "a\n");
    let receipt = write(&env, "mine", "b", "b\n");
    let range = [&receipt["before"], &receipt["commits"][0]].map(|one| one.as_str().unwrap());
    let own = env.git(&["diff", "--name-only", range[0], range[1]]);
    assert_eq!(own, "b\n", "{receipt}");
    let words = [
        "run",
        "files__write",
        "path=c",
        "content=c",
        "--execution",
        "mine",
    ];
    let told = env.run(&words).exits(0);
    let range: Vec<&str> = told
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("execution mine on branch "))
        .and_then(|line| line.split_once(", "))
        .map(|(_, range)| range.split(" → ").collect())
        .unwrap();
    let own = env.git(&["diff", "--name-only", range[0], range[1]]);
    assert_eq!(own, "c\n", "{told:?}");
}

#[test]
fn a_commit_that_does_not_fit_by_itself_is_named_with_what_merges_it() {
    let env = env();
    write(&env, "mine", "README.md", "theirs\n");
    write(&env, "mine", "README.md", "# A repository\n");
    write(&env, "mine", "a", "a\n");
    commit(&env, "README.md", "ours\n");
    let words = ["git", "merge", "mine", "--strategy", "rebase"];
    let commits = env.git(&[
        "rev-list",
        "--reverse",
        &format!("main..{}", branch(&env, "mine")),
    ]);
    env.run(&words).exits(4).says(&[
        commits.lines().next().unwrap(),
        "[mine] files__write",
        "README.md",
        "paracle-host git merge mine --strategy merge",
    ]);
    merge(&env, "mine", 0, &["--strategy", "merge"]);
    assert_eq!(env.read("README.md"), "ours\n");
}
