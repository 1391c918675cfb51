//! A checkout of an execution, on demand.

use std::fs;

use serde_json::json;

use super::work::{branch, env, execution, json, refused, write};
use crate::common::Output;

#[test]
fn materialize_checks_the_branch_out_and_no_plugin_sees_the_folder() {
    let env = env();
    execution(&env, "look", 1);
    let before = env.checkout();
    let place = env.outside("look");
    let path = place.to_str().unwrap();
    let said = env
        .run(&["execution", "materialize", "look", path])
        .exits(0)
        .stdout;
    assert!(
        said.contains(&format!("git worktree remove {path}")),
        "{said}"
    );
    assert_eq!(fs::read_to_string(place.join("1.md")).unwrap(), "x");
    assert_eq!(env.checkout(), before, "the person's own is as it was");
    let listed = env.git(&["worktree", "list", "--porcelain"]);
    assert!(listed.contains(&branch(&env, "look")), "{listed}");
    // What lies there is no plugin's business until it is committed.
    fs::write(place.join("1.md"), "not committed").unwrap();
    fs::write(place.join("new.md"), "not committed").unwrap();
    let read = |path: &str| {
        env.run(&[
            "run",
            "files__read",
            &format!("path={path}"),
            "--execution",
            "look",
            "--json",
        ])
    };
    let seen = read("1.md").exits(0).json();
    assert_eq!(seen["reply"]["ok"]["structured"]["content"], "x", "{seen}");
    read("new.md").exits(1);
    // A call cannot move the branch under changes; nothing of either is lost.
    let error = write(&env, "2.md", "x", &["--execution", "look"]).exits(4);
    let kept = error.json()["error"]["message"].to_string();
    assert!(kept.contains("refs/paracle/executions/look/"), "{kept}");
    assert_eq!(
        fs::read_to_string(place.join("1.md")).unwrap(),
        "not committed"
    );
    // Asked again it says where; asked for another place it refuses.
    let again = json(&env, &["execution", "materialize", "look", path]);
    assert_eq!(again["existing"], json!(true), "{again}");
    let other = env.outside("other");
    refused(
        &env,
        &["execution", "materialize", "look", other.to_str().unwrap()],
        4,
        &[path],
    );
    refused(
        &env,
        &["execution", "discard", "look"],
        4,
        &["git worktree remove"],
    );
    env.git(&["worktree", "remove", "--force", path]);
    // In a clean one, a call's commit arrives.
    json(&env, &["execution", "materialize", "look", path]);
    write(&env, "3.md", "y", &["--execution", "look"]).exits(0);
    assert_eq!(fs::read_to_string(place.join("3.md")).unwrap(), "y");
    env.git(&["worktree", "remove", path]);
    // A folder with files in it is git's to refuse.
    fs::create_dir_all(other.join("full")).unwrap();
    refused(
        &env,
        &["execution", "materialize", "look", other.to_str().unwrap()],
        2,
        &["worktree add"],
    );
    // Without a path it is beside the repository.
    let beside = json(&env, &["execution", "materialize", "look"]);
    let beside = beside["path"].as_str().unwrap().to_owned();
    assert!(beside.ends_with("/repo-look"), "{beside}");
    env.git(&["worktree", "remove", &beside]);
    json(&env, &["execution", "discard", "look"]);
    refused(&env, &["execution", "materialize", "look"], 2, &["is gone"]);
    env.fsck();
}

#[test]
fn a_materialized_path_is_the_shells_wherever_the_repository_is() {
    let env = env();
    execution(&env, "look", 1);
    let repository = env.repo();
    let outside = env.outside("");
    let output: Output = env
        .command(env!("CARGO_BIN_EXE_paracle-host"), &outside)
        .args(["execution", "materialize", "look", "here", "--repo"])
        .arg(&repository)
        .output()
        .unwrap()
        .into();
    output.exits(0);
    assert!(outside.join("here/1.md").exists());
}

#[test]
fn a_merge_says_which_change_of_a_call_it_does_not_have() {
    let env = env();
    execution(&env, "mine", 1);
    let folder = env.outside("mine");
    let place = folder.to_str().unwrap();
    env.run(&["execution", "materialize", "mine", place])
        .exits(0);
    fs::write(folder.join("1.md"), "a person's, not committed").unwrap();
    write(&env, "2.md", "x", &["--execution", "mine"]).exits(4);
    let merged = env.run(&["git", "merge", "mine"]).exits(0);
    merged.says(&["is not in it", "refs/paracle/executions/mine/conflicts/"]);
    env.git(&["worktree", "remove", "--force", place]);
    let cleaned = env.run(&["git", "cleanup", "mine"]).exits(4);
    assert!(cleaned.stdout.contains("--force"), "{}", cleaned.stdout);
}
