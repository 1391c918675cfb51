//! `git cleanup`: by age and state, and never what is unmerged or running.

use crate::common::TestEnv;

const PLUGINS: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// A repository with an execution in each state that a cleanup may meet.
fn scene() -> TestEnv {
    let env = TestEnv::with_plugins(&["files"], PLUGINS);
    for id in ["merged", "kept", "discarded", "taken"] {
        let path = format!("path={id}.txt");
        let run = ["run", "--execution", id, "files__write", &path, "content=x"];
        env.run(&run).exits(0);
    }
    env.run(&["git", "merge", "merged"]).exits(0);
    env.run(&["execution", "discard", "discarded"]).exits(0);
    // A person merges by their own git: that is as good.
    let branch = branch(&env, "taken");
    env.git(&["merge", "--quiet", "--no-ff", "--message=mine", &branch]);
    env
}

fn branch(env: &TestEnv, id: &str) -> String {
    let name = env.git(&[
        "for-each-ref",
        "--format=%(refname:short)",
        &format!("refs/heads/exec/{id}/"),
    ]);
    name.trim().to_owned()
}

#[track_caller]
fn listed(env: &TestEnv) -> Vec<String> {
    let listed = env.run(&["execution", "list", "--json"]).exits(0).json();
    let mut ids: Vec<String> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|execution| execution["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

#[test]
fn cleanup_removes_what_is_merged_or_given_up_and_says_why_the_rest_stays() {
    let env = scene();
    let before = env.git(&["for-each-ref"]);
    let dry = env.run(&["git", "cleanup", "--dry-run"]).exits(0).stdout;
    assert!(dry.contains("would remove"), "{dry}");
    assert_eq!(
        env.git(&["for-each-ref"]),
        before,
        "a dry run changes nothing"
    );
    let said = env.run(&["git", "cleanup"]).exits(0).stdout;
    assert!(said.contains("main does not have all of it"), "{said}");
    assert_eq!(listed(&env), ["kept"]);
    assert_eq!(branch(&env, "taken"), "");
    assert_ne!(branch(&env, "kept"), "");
    env.fsck();
}

#[test]
fn cleanup_goes_by_age_and_by_state() {
    let env = scene();
    env.run(&["git", "cleanup", "--days", "1"]).exits(0);
    assert_eq!(listed(&env).len(), 4, "all are younger than a day");
    env.run(&["git", "cleanup", "--state", "discarded"])
        .exits(0);
    assert_eq!(listed(&env), ["kept", "merged", "taken"]);
    env.run(&["git", "cleanup", "--state", "interrupted"])
        .exits(0);
    env.run(&["git", "cleanup", "taken"]).exits(0);
    assert_eq!(listed(&env), ["kept", "merged"]);
    env.run(&["git", "cleanup", "--state", "lost"]).exits(2);
    env.run(&["git", "cleanup", "nobody"]).exits(2);
}

#[test]
fn what_is_unmerged_is_removed_only_by_name_and_force() {
    let env = scene();
    let tip = env.git(&["rev-parse", &branch(&env, "kept")]);
    let said = env.run(&["git", "cleanup", "kept"]).exits(4).stdout;
    assert!(said.contains("kept"), "{said}");
    env.run(&["git", "cleanup", "--force"])
        .exits(2)
        .says(&["ID"]);
    assert!(listed(&env).contains(&"kept".to_owned()));
    env.run(&["git", "cleanup", "kept", "--force"]).exits(0);
    assert_eq!(listed(&env), ["discarded", "merged", "taken"]);
    assert_eq!(branch(&env, "kept"), "");
    // It is gone for good: nothing holds it any more.
    let held = env.git(&["for-each-ref", "--contains", tip.trim()]);
    assert_eq!(held, "");
    env.fsck();
}

#[test]
fn what_runs_or_is_checked_out_stays_though_it_is_forced() {
    let env = scene();
    let lock = env.repo().join(".git/paracle/executions/kept.lock");
    let lock = std::fs::File::options().write(true).open(lock).unwrap();
    // As a process has it that has the execution open.
    lock.lock().unwrap();
    let said = env
        .run(&["git", "cleanup", "kept", "--force"])
        .exits(4)
        .stdout;
    assert!(said.contains("it is running"), "{said}");
    drop(lock);
    env.git(&["checkout", "--quiet", &branch(&env, "kept")]);
    let said = env
        .run(&["git", "cleanup", "kept", "--force"])
        .exits(4)
        .stdout;
    assert!(said.contains("checked out"), "{said}");
    assert_ne!(branch(&env, "kept"), "");
    assert!(listed(&env).contains(&"kept".to_owned()));
}
