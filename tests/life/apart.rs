//! Changes of calls that did not fit onto the branch: named, taken over, or given up.

use std::fs;

use serde_json::json;

use super::work::{branch, env, execution, json, refused, write};
use crate::common::TestEnv;

/// An execution `mine` that keeps a call's `1.md`, because it was checked out with changes; returns the call.
fn kept(env: &TestEnv) -> String {
    execution(env, "mine", 1);
    let folder = env.outside("mine");
    let place = folder.to_str().unwrap();
    env.run(&["execution", "materialize", "mine", place])
        .exits(0);
    fs::write(folder.join("1.md"), "a person's\n").unwrap();
    write(env, "1.md", "a call's\n", &["--execution", "mine"]).exits(4);
    let shown = json(env, &["execution", "show", "mine"]);
    let kept = shown["conflicts"][0].as_str().unwrap();
    kept.rsplit('/').next().unwrap().to_owned()
}

/// Removes the checkout, with what the person did not commit there.
fn leave(env: &TestEnv) {
    let place = env.outside("mine");
    env.git(&["worktree", "remove", "--force", place.to_str().unwrap()]);
}

/// Commits in the checkout what the person wrote there, and removes it.
fn commit_and_leave(env: &TestEnv) {
    let place = env.outside("mine");
    let git = |words: &[&str]| {
        let place = ["-C", place.to_str().unwrap()];
        env.git(&[&place[..], words].concat())
    };
    git(&["commit", "--quiet", "--all", "--message=by hand"]);
    leave(env);
}

#[test]
fn a_change_that_did_not_fit_is_named_and_taken_over_as_a_checkpoint() {
    let env = env();
    let call = kept(&env);
    leave(&env);
    let listed = env.run(&["execution", "list"]).exits(0).stdout;
    assert!(listed.contains("1 change apart"), "{listed}");
    let shown = env.run(&["execution", "show", "mine"]).exits(0).stdout;
    let apply = format!("execution apply mine {call}");
    assert!(shown.contains(&apply), "{shown}");
    let applied = json(&env, &["execution", "apply", "mine", &call]);
    assert_eq!(
        applied["changed"],
        json!([{"path": "1.md", "kind": "modified"}])
    );
    let branch = branch(&env, "mine");
    assert_eq!(env.git(&["show", &format!("{branch}:1.md")]), "a call's\n");
    let log = json(&env, &["execution", "log", "mine"]);
    assert_eq!(log["checkpoints"][1]["call"], json!(call), "{log}");
    let shown = json(&env, &["execution", "show", "mine"]);
    assert_eq!(shown["conflicts"], json!([]), "{shown}");
    refused(
        &env,
        &["execution", "apply", "mine", &call],
        2,
        &["keeps no change", "none"],
    );
    env.fsck();
}

#[test]
fn a_change_that_does_not_fit_still_is_refused_until_a_side_is_taken() {
    for (side, content) in [("--ours", "a person's\n"), ("--theirs", "a call's\n")] {
        let env = env();
        let call = kept(&env);
        commit_and_leave(&env);
        let tip = env.git(&["rev-parse", &branch(&env, "mine")]);
        refused(
            &env,
            &["execution", "apply", "mine", &call],
            4,
            &["1.md", "--theirs", "--ours", "git cherry-pick"],
        );
        assert_eq!(env.git(&["rev-parse", &branch(&env, "mine")]), tip);
        env.run(&["execution", "apply", "mine", &call, side])
            .exits(0);
        let file = format!("{}:1.md", branch(&env, "mine"));
        assert_eq!(env.git(&["show", &file]), content);
        let shown = json(&env, &["execution", "show", "mine"]);
        assert_eq!(shown["conflicts"], json!([]), "{shown}");
    }
}

#[test]
fn a_change_that_did_not_fit_is_given_up_alone_and_kept_until_a_cleanup() {
    let env = env();
    let call = kept(&env);
    leave(&env);
    let tip = env.git(&["rev-parse", &branch(&env, "mine")]);
    let gone = json(&env, &["execution", "discard", "mine", "--call", &call]);
    let under = gone["kept"].as_str().unwrap();
    assert_eq!(env.git(&["show", &format!("{under}:1.md")]), "a call's\n");
    assert_eq!(env.git(&["rev-parse", &branch(&env, "mine")]), tip);
    env.run(&["git", "merge", "mine"]).exits(0);
    env.run(&["git", "cleanup", "mine", "--days", "0"]).exits(0);
    assert_eq!(env.git(&["for-each-ref", "refs/paracle"]), "");
}

#[test]
fn a_merged_execution_takes_no_change_over_and_says_what_does() {
    let env = env();
    let call = kept(&env);
    leave(&env);
    env.run(&["git", "merge", "mine"]).exits(0);
    let said = env.run(&["execution", "apply", "mine", &call]).exits(2);
    let shown = env.run(&["execution", "show", "mine"]).exits(0).stdout;
    assert!(!shown.contains("execution apply"), "{shown}");
    let take = said.stderr.split('`').nth(1).unwrap();
    assert!(shown.contains(take), "{take:?} is not in {shown}");
    let command = said.stderr.split('`').nth(1).unwrap().to_owned();
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    env.git(&words);
    assert_eq!(env.read("1.md"), "a call's\n");
}
