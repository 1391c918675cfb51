//! Executions: a branch of their own, and nothing of the person's touched.

use serde_json::json;

use crate::common::TestEnv;

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

#[test]
fn a_receipt_names_execution_branch_base_commits_paths_and_digest() {
    let env = TestEnv::real();
    env.install(&["files"], FILES);
    let head = env.git(&["rev-parse", "HEAD"]);
    let before = env.checkout();
    let receipt = env
        .run(&[
            "run",
            "files__write",
            "path=NOTES.md",
            "content=hi",
            "--json",
        ])
        .exits(0)
        .json();
    assert_eq!(
        env.checkout(),
        before,
        "the checkout is unchanged to the byte"
    );
    env.fsck();

    let execution = receipt["execution"].as_str().unwrap();
    let branch = receipt["branch"].as_str().unwrap();
    assert!(
        branch.starts_with(&format!("exec/{execution}/")),
        "{receipt}"
    );
    assert_eq!(receipt["base"], json!(head.trim()), "{receipt}");
    let commits = receipt["commits"].as_array().unwrap();
    assert_eq!(commits.len(), 1, "{receipt}");
    assert_eq!(
        receipt["changed"],
        json!([{"path": "NOTES.md", "kind": "added"}])
    );
    assert!(
        receipt["digest"].as_str().unwrap().starts_with("sha256:"),
        "{receipt}"
    );
    assert_eq!(env.git(&["show", &format!("{branch}:NOTES.md")]), "hi");

    let message = env.git(&["log", "-1", "--format=%B", branch]);
    for trailer in [
        "Paracle-Execution",
        "Paracle-Plugin: files@",
        "Paracle-Digest: sha256:",
        "Paracle-Tool: files__write",
        "Paracle-Grant: workspace=read-write",
    ] {
        assert!(message.contains(trailer), "{trailer} is not in:\n{message}");
    }
}

#[test]
fn a_call_that_only_reads_leaves_no_branch() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = env
        .run(&["run", "files__read", "path=README.md", "--json"])
        .exits(0)
        .json();
    assert_eq!(receipt["branch"], json!(null), "{receipt}");
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
        ""
    );
}

#[test]
fn a_call_that_fails_leaves_nothing_behind() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.run(&[
        "run",
        "files__edit",
        "path=README.md",
        "old=no such text",
        "new=x",
    ])
    .exits(1);
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
        ""
    );
}

#[test]
fn a_call_goes_on_where_git_cannot_say_what_is_uncommitted() {
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins:\n  - name: files\n    grants: {workspace: read-write}\n",
    );
    env.write(".gitattributes", "README.md filter=broken\n");
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=filtered"]);
    env.git(&["config", "filter.broken.clean", "false"]);
    env.git(&["config", "filter.broken.required", "true"]);
    // Of the same size, so that git has to look at its content.
    env.write("README.md", "# B repository\n");
    let run = env
        .run(&["run", "files__write", "path=a", "content=x", "--json"])
        .exits(0);
    let notes = run.json()["notes"].to_string();
    assert!(notes.contains("could not be looked at"), "{notes}");
    assert!(notes.contains("README.md"), "{notes}");
}

#[test]
fn a_receipt_says_which_uncommitted_files_the_run_did_not_see() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.write("README.md", "changed, and not committed\n");
    env.write("new.md", "not added\n");
    let receipt = env
        .run(&["run", "files__read", "path=README.md", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        receipt["reply"]["ok"]["structured"]["content"],
        "# A repository\n"
    );
    let notes = receipt["notes"].to_string();
    assert!(
        notes.contains("README.md") && notes.contains("new.md"),
        "{receipt}"
    );
}

#[test]
fn a_merge_lands_on_main_and_in_its_clean_checkout() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = env
        .run(&[
            "run",
            "files__write",
            "path=NOTES.md",
            "content=hi",
            "--json",
        ])
        .exits(0)
        .json();
    let branch = receipt["branch"].as_str().unwrap();
    env.run(&["git", "merge", branch]).exits(0);
    assert_eq!(env.read("NOTES.md"), "hi");
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    assert_eq!(
        env.git(&["log", "-1", "--format=%P", "main"])
            .split(' ')
            .count(),
        2
    );
    env.fsck();
}

#[test]
fn run_merge_merges_at_once() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.run(&[
        "run",
        "files__write",
        "path=NOTES.md",
        "content=hi",
        "--merge",
    ])
    .exits(0);
    assert_eq!(env.read("NOTES.md"), "hi");
    assert_eq!(
        env.git(&["branch", "--list", "exec/*"]),
        "",
        "a merged branch is cleaned up"
    );
}

#[test]
fn a_dirty_checkout_is_never_touched_by_a_merge() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = env
        .run(&[
            "run",
            "files__write",
            "path=README.md",
            "content=theirs",
            "--json",
        ])
        .exits(0)
        .json();
    let branch = receipt["branch"].as_str().unwrap().to_owned();
    env.write("src/main.rs", "fn main() { /* not committed */ }\n");
    let before = env.checkout();
    env.run(&["git", "merge", &branch])
        .exits(4)
        .says(&["uncommitted"]);
    assert_eq!(env.checkout(), before);
    assert!(
        env.git(&["branch", "--list", &branch]).contains(&branch),
        "the branch stays"
    );
}

#[test]
fn a_conflict_names_the_paths_and_keeps_the_branch() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = env
        .run(&[
            "run",
            "files__write",
            "path=README.md",
            "content=theirs",
            "--json",
        ])
        .exits(0)
        .json();
    let branch = receipt["branch"].as_str().unwrap().to_owned();
    env.write("README.md", "ours\n");
    env.git(&["commit", "--quiet", "--all", "--message=ours"]);
    let before = env.checkout();
    env.run(&["git", "merge", &branch])
        .exits(4)
        .says(&["README.md"]);
    assert_eq!(env.checkout(), before);
    assert!(!env.repo().join(".git/MERGE_HEAD").exists());
    assert!(env.git(&["branch", "--list", &branch]).contains(&branch));
    // And the next execution starts as if nothing had happened.
    env.run(&["run", "files__write", "path=b.md", "content=b"])
        .exits(0);
}

#[test]
fn an_execution_goes_on_where_it_was_left() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let first = env
        .run(&[
            "run",
            "files__write",
            "path=a.md",
            "content=a",
            "--execution",
            "mine",
            "--json",
        ])
        .exits(0)
        .json();
    let second = env
        .run(&[
            "run",
            "files__write",
            "path=b.md",
            "content=b",
            "--execution",
            "mine",
            "--json",
        ])
        .exits(0)
        .json();
    assert_eq!(first["branch"], second["branch"]);
    let branch = first["branch"].as_str().unwrap();
    assert_eq!(
        env.git(&["rev-list", "--count", &format!("main..{branch}")])
            .trim(),
        "2"
    );
    let shown = env.run(&["execution", "show", "mine"]).exits(0).stdout;
    assert!(shown.contains("mine") && shown.contains(branch), "{shown}");
    let diff = env.run(&["execution", "diff", "mine"]).exits(0).stdout;
    assert!(diff.contains("a.md") && diff.contains("b.md"), "{diff}");
    env.run(&["execution", "discard", "mine"]).exits(0);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
}

#[test]
fn it_works_in_an_empty_repository_after_its_first_commit_only() {
    let env = TestEnv::bare_folder();
    env.git(&["init", "--quiet", "--initial-branch=main", "."]);
    env.install(&["files"], FILES);
    env.run(&["run", "files__write", "path=a", "content=b"])
        .exits(2)
        .says(&["commit"]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message=first"]);
    env.run(&["run", "files__write", "path=a", "content=b"])
        .exits(0);
}

#[test]
fn a_base_branch_that_is_not_there_names_the_file_that_says_so() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.write(".parac/config/git.yaml", "base_branch: nope\n");
    env.run(&["run", "files__read", "path=README.md"])
        .exits(2)
        .says(&["git.yaml", "nope"]);
}

#[test]
fn it_works_on_a_detached_head_and_asks_for_the_branch_to_merge_to() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.git(&["checkout", "--quiet", "--detach"]);
    let receipt = env
        .run(&["run", "files__write", "path=a", "content=b", "--json"])
        .exits(0)
        .json();
    let branch = receipt["branch"].as_str().unwrap();
    env.run(&["git", "merge", branch])
        .exits(2)
        .says(&["detached"]);
    env.run(&["git", "merge", branch, "--target", "main"])
        .exits(0);
    assert_eq!(env.git(&["show", "main:a"]), "b");
}

#[test]
fn processes_that_merge_at_once_all_merge_and_leave_the_checkout_clean() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let names = ["a", "b", "c", "d"];
    let running: Vec<_> = names
        .iter()
        .map(|name| {
            env.program_in("")
                .args(["run", "files__write", "content=hi", "--merge"])
                .arg(format!("path={name}"))
                .spawn()
                .unwrap()
        })
        .collect();
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    for name in names {
        assert_eq!(env.read(name), "hi");
    }
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    env.fsck();
}
