//! Rules 4, 5 and 11 of the git tree as a file system.

use std::fs;

use super::work::{branch, commit, conflict, conflicts, env, merge, write};

#[test]
fn rule_4_any_merge_result_but_clean_keeps_the_branch_and_conflict_refusal_and_error_differ() {
    let env = env();
    conflict(&env);
    env.git(&["checkout", "--quiet", "--orphan", "unrelated"]);
    env.git(&["commit", "--quiet", "--message=another root"]);
    env.git(&["checkout", "--quiet", "main"]);
    let branch = branch(&env, "mine");
    let before = env.git(&["rev-parse", &branch, "main", "unrelated"]);
    let same = |outcome: &serde_json::Value| {
        assert_eq!(
            env.git(&["rev-parse", &branch, "main", "unrelated"]),
            before,
            "{outcome}"
        );
    };

    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["outcome"], "conflict", "{outcome}");
    same(&outcome);
    let outcome = merge(&env, "mine", 4, &["--target", "unrelated"]);
    assert_eq!(outcome["outcome"], "refused", "{outcome}");
    same(&outcome);
    let outcome = merge(&env, "mine", 2, &["--target", "absent"]);
    assert_eq!(outcome["error"]["kind"], "usage", "{outcome}");
    same(&outcome);

    env.run(&["execution", "resolve", "mine", "README.md", "--theirs"])
        .exits(0);
    env.write("README.md", "not committed\n");
    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["outcome"], "ready-to-merge", "{outcome}");
    let shown = env.git(&["branch", "--list", &branch]);
    assert!(shown.contains(&branch), "the branch stays");
}

#[test]
fn rule_5_a_ref_is_never_moved_under_a_checkout() {
    let env = env();
    env.git(&["checkout", "--quiet", "-b", "elsewhere"]);
    let linked = env.outside("linked");
    env.git(&[
        "worktree",
        "add",
        "--quiet",
        linked.to_str().unwrap(),
        "main",
    ]);
    write(&env, "mine", "new.md", "theirs\n");
    write(&env, "mine", "README.md", "theirs\n");
    let before = env.git(&["rev-parse", "main"]);

    // What is not tracked is the person's, too.
    fs::write(linked.join("new.md"), "mine\n").unwrap();
    let target = ["--target", "main"];
    let outcome = merge(&env, "mine", 4, &target);
    assert_eq!(outcome["outcome"], "ready-to-merge", "{outcome}");
    assert_eq!(env.git(&["rev-parse", "main"]), before);
    assert_eq!(fs::read_to_string(linked.join("new.md")).unwrap(), "mine\n");
    assert_eq!(
        fs::read_to_string(linked.join("README.md")).unwrap(),
        "# A repository\n"
    );

    fs::remove_file(linked.join("new.md")).unwrap();
    let outcome = merge(&env, "mine", 0, &target);
    assert_eq!(outcome["outcome"], "merged", "{outcome}");
    assert_eq!(
        fs::read_to_string(linked.join("new.md")).unwrap(),
        "theirs\n"
    );
    let status = env.git(&["-C", linked.to_str().unwrap(), "status", "--porcelain"]);
    assert_eq!(status, "");
    env.fsck();
}

#[test]
fn a_checkout_whose_git_directory_lies_apart_is_merged_into() {
    let env = env();
    let apart = env.outside("apart.git");
    fs::rename(env.repo().join(".git"), &apart).unwrap();
    env.git(&[
        "init",
        "--quiet",
        "--separate-git-dir",
        apart.to_str().unwrap(),
    ]);
    write(&env, "mine", "new.md", "theirs\n");
    let outcome = merge(&env, "mine", 0, &[]);
    assert_eq!(outcome["outcome"], "merged", "{outcome}");
    assert_eq!(env.read("new.md"), "theirs\n");
    assert_eq!(env.git(&["status", "--porcelain"]), "");

    // From a linked worktree nothing leads to that checkout: then its branch stays.
    write(&env, "other", "later.md", "theirs\n");
    let linked = env.outside("linked");
    env.git(&[
        "worktree",
        "add",
        "--quiet",
        linked.to_str().unwrap(),
        "-b",
        "side",
    ]);
    let before = env.git(&["rev-parse", "main"]);
    let words = ["--repo", linked.to_str().unwrap(), "git", "merge", "other"];
    env.run(&words)
        .exits(4)
        .says(&["merge again in that working tree"]);
    assert_eq!(env.git(&["rev-parse", "main"]), before);
    assert_eq!(env.git(&["status", "--porcelain"]), "");
}

#[test]
fn rule_11_words_are_arguments_and_never_a_shells() {
    let env = env();
    let pwned = env.outside("pwned");
    let name = format!("$(touch {0}); touch {0} #", pwned.display()).replace('/', "\u{2215}");
    let path = format!("-{name}");
    let checks = serde_json::json!({"checks": [
        {"command": ["test", "-n", format!("$(touch {})", pwned.display())]},
    ]});
    env.write(".parac/config/git.yaml", &checks.to_string());
    env.run(&["grant", "checks", "--approve"]).exits(0);
    write(&env, "mine", &path, "theirs\n");
    commit(&env, &path, "ours\n");
    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["paths"], serde_json::json!([path]), "{outcome}");
    env.run(&["execution", "resolve", "mine", "--theirs", "--", &path])
        .exits(0);
    let outcome = merge(&env, "mine", 0, &[]);
    assert_eq!(outcome["outcome"], "merged", "{outcome}");
    assert_eq!(env.read(&path), "theirs\n");
    assert_eq!(conflicts(&env, "mine"), serde_json::json!([]));
    assert!(!pwned.exists());
}
