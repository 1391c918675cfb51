//! Executions that begin with what the person has not committed.

use std::fs;

use serde_json::{Value, json};

use super::work::{branch, env, json, refused, write};
use crate::common::TestEnv;

/// Leaves one of each kind of uncommitted work.
fn dirty(env: &TestEnv) {
    env.write("src/old.rs", "// old\n");
    env.write("both.md", "one\ntwo\nthree\nfour\nfive\n");
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=before"]);
    env.write("README.md", "SECRET work in progress\n");
    env.write("untracked.md", "SECRET and new\n");
    env.write("staged.md", "staged\n");
    env.git(&["add", "staged.md"]);
    env.write("staged.md", "SECRET staged, then changed\n");
    env.git(&["rm", "--quiet", "src/old.rs"]);
    env.write("both.md", "one\ntwo\nthree\nfour\nSECRET five\n");
    env.write(".git/info/exclude", "ignored.md\n");
    env.write("ignored.md", "SECRET ignored\n");
}

#[test]
fn uncommitted_work_is_a_base_of_its_own_made_without_touching_index_or_files() {
    let env = env();
    dirty(&env);
    let head = env.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let before = env.checkout();
    let receipt = write(&env, "theirs.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    assert_eq!(env.checkout(), before);
    let base = receipt["base"].as_str().unwrap();
    assert_ne!(base, head);
    assert_eq!(
        env.git(&["rev-parse", &format!("{base}^")]).trim(),
        head,
        "the base stands on HEAD"
    );
    assert_eq!(
        env.git(&["diff", "--name-status", &head, base]),
        "M\tREADME.md\nM\tboth.md\nD\tsrc/old.rs\nA\tstaged.md\nA\tuntracked.md\n"
    );
    assert_eq!(
        env.git(&["show", &format!("{base}:staged.md")]),
        "SECRET staged, then changed\n"
    );
    // It says what it included, and does not say that it was not seen.
    let included = receipt["included"]["changed"].to_string();
    for path in ["README.md", "src/old.rs", "staged.md", "untracked.md"] {
        assert!(included.contains(path), "{receipt}");
    }
    let notes = receipt["notes"].to_string();
    assert!(
        notes.contains("untracked.md") && !notes.contains("did not see"),
        "{notes}"
    );
    assert!(!receipt.to_string().contains("ignored.md"), "{receipt}");
    assert!(!receipt.to_string().contains(".parac"), "{receipt}");
    // What the execution changed is only what it changed itself.
    let id = receipt["execution"].as_str().unwrap();
    let diff = json(&env, &["execution", "diff", id, "--stat"]);
    assert_eq!(
        diff["changed"],
        json!([{"path": "theirs.md", "kind": "added"}])
    );
    let left: Vec<_> = fs::read_dir(env.repo().join(".git/paracle"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_str().unwrap().contains("index"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    env.fsck();
}

#[test]
fn a_tool_reads_the_uncommitted_work_that_its_execution_began_with() {
    let env = env();
    dirty(&env);
    let read = json(
        &env,
        &["run", "files__read", "path=README.md", "--include-dirty"],
    );
    assert_eq!(
        read["reply"]["ok"]["structured"]["content"], "SECRET work in progress\n",
        "{read}"
    );
    // It only read: nothing is left of it.
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
        ""
    );
    // A clean checkout is HEAD itself.
    env.git(&["stash", "--quiet", "--include-untracked"]);
    let head = env.git(&["rev-parse", "HEAD"]);
    let receipt = write(&env, "a.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    assert_eq!(receipt["base"], json!(head.trim()));
    assert_eq!(receipt["included"], Value::Null, "{receipt}");
}

#[test]
fn no_merge_brings_uncommitted_work_into_the_target() {
    let env = env();
    dirty(&env);
    let receipt = write(&env, "theirs.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    let id = receipt["execution"].as_str().unwrap();
    // A change beside the person's own, in a file that both changed.
    let edit = [
        "run",
        "files__edit",
        "path=both.md",
        "old=one",
        "new=ONE",
        "--execution",
        id,
    ];
    env.run(&edit).exits(0);
    env.git(&["branch", "target", "HEAD"]);
    let before = env.checkout();
    let merged = json(&env, &["git", "merge", id, "--target", "target"]);
    assert_eq!(merged["outcome"], "merged", "{merged}");
    assert_eq!(env.checkout(), before);
    assert_eq!(
        env.git(&["diff", "--name-only", "main", "target"]),
        "both.md\ntheirs.md\n"
    );
    assert_eq!(
        env.git(&["show", "target:both.md"]),
        "ONE\ntwo\nthree\nfour\nfive\n"
    );
    // Not in its files, not in its history, not in any object that it reaches.
    assert_eq!(
        env.git(&["log", "--format=%s", "-S", "SECRET", "target"]),
        ""
    );
    let reached = env.git(&["rev-list", "--objects", "target"]);
    for path in ["README.md", "both.md", "staged.md", "untracked.md"] {
        let base = receipt["base"].as_str().unwrap();
        let blob = env.git(&["rev-parse", &format!("{base}:{path}")]);
        assert!(!reached.contains(blob.trim()), "{path} is reached");
    }
    // It is merged all the same: once, and its branch may go.
    let shown = json(&env, &["execution", "show", id]);
    assert_eq!(shown["status"], "merged", "{shown}");
    let again = json(&env, &["git", "merge", id, "--target", "target"]);
    assert_eq!(again["outcome"], "up-to-date", "{again}");
    let cleaned = json(&env, &["git", "cleanup", "--target", "target"]);
    assert_eq!(cleaned[0]["stays"], Value::Null, "{cleaned}");
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
        ""
    );
    env.fsck();
}

#[test]
fn a_merge_onto_committed_work_that_began_uncommitted_is_clean() {
    let env = env();
    env.write("README.md", "# A repository\n\nmine, not committed yet\n");
    let receipt = write(&env, "README.md", "theirs", &["--include-dirty"])
        .exits(0)
        .json();
    let id = receipt["execution"].as_str().unwrap();
    // The execution changed what is uncommitted: it fits onto nothing that lacks it.
    env.git(&["branch", "lacks"]);
    env.run(&["git", "merge", id, "--target", "lacks"])
        .exits(4)
        .says(&["README.md"]);
    let tip = env.git(&["rev-parse", "lacks"]);
    assert_eq!(tip, env.git(&["rev-parse", "main"]));
    // Its checkout is not clean, so main stays where it is.
    env.run(&["git", "merge", id]).exits(4).says(&["README.md"]);
    env.git(&["commit", "--quiet", "--all", "--message=mine"]);
    env.run(&["git", "merge", id]).exits(0);
    assert_eq!(env.read("README.md"), "theirs");
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    // No commit of the history holds what the execution alone was given.
    let log = env.git(&["log", "--format=%s", "main"]);
    assert!(!log.contains("what was uncommitted"), "{log}");
    env.fsck();
}

#[test]
fn run_merge_leaves_uncommitted_work_out_and_keeps_what_its_record_needs() {
    let env = env();
    dirty(&env);
    env.git(&["switch", "--quiet", "--create", "work"]);
    env.git(&["branch", "elsewhere"]);
    let before = env.checkout();
    // The branch that HEAD is on cannot move under uncommitted work.
    let receipt = write(&env, "a.md", "x", &["--include-dirty", "--merge"])
        .exits(4)
        .json();
    assert_eq!(env.checkout(), before);
    let id = receipt["execution"].as_str().unwrap();
    env.git(&["stash", "--quiet", "--include-untracked"]);
    env.run(&["git", "merge", id]).exits(0);
    assert_eq!(env.read("a.md"), "x");
    env.git(&["stash", "pop", "--quiet", "--index"]);
    assert_eq!(env.read("README.md"), "SECRET work in progress\n");
    env.git(&["branch", "--delete", "--force", &branch(&env, id)]);
    env.git(&["gc", "--quiet", "--prune=now"]);
    let listed = json(&env, &["execution", "list"]);
    assert_eq!(listed[0]["status"], "merged", "{listed}");
    env.fsck();
}

#[test]
fn a_branch_with_uncommitted_work_is_not_offered_to_be_pushed() {
    let env = env();
    env.git(&["remote", "add", "origin", "https://example.com/a/b.git"]);
    dirty(&env);
    let receipt = write(&env, "a.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    let id = receipt["execution"].as_str().unwrap();
    refused(
        &env,
        &["git", "pr-create", id, "Title"],
        3,
        &["uncommitted"],
    );
}

#[test]
fn what_of_the_checkout_is_not_included_is_said() {
    let env = env();
    env.write("inner/file.md", "in another repository\n");
    let inner = env.repo().join("inner");
    for arguments in [
        ["init", "--quiet", "--initial-branch=main"].as_slice(),
        &["add", "--all"],
        &["commit", "--quiet", "--message=inner"],
    ] {
        let git = env.command("git", &inner).args(arguments).status();
        assert!(git.unwrap().success());
    }
    let receipt = write(&env, "a.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    let notes = receipt["notes"].to_string();
    assert!(
        notes.contains("not included") && notes.contains("inner"),
        "{receipt}"
    );
    let id = receipt["execution"].as_str().unwrap();
    let later = [
        "run",
        "files__read",
        "path=README.md",
        "--json",
        "--execution",
        id,
    ];
    env.write("later.md", "x");
    let notes = env.run(&later).exits(0).json()["notes"].to_string();
    assert!(
        notes.contains("later.md") && notes.contains("when its execution began"),
        "{notes}"
    );
}

#[test]
fn what_starts_from_an_execution_with_uncommitted_work_leaves_it_out_too() {
    let env = env();
    dirty(&env);
    let first = write(&env, "first.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    let (name, tip) = (&first["branch"], &first["commits"][0]);
    env.git(&["branch", "target"]);
    env.git(&["tag", "marked", tip.as_str().unwrap()]);
    for from in [name.as_str().unwrap(), tip.as_str().unwrap(), "marked"] {
        let second = write(&env, "second.md", from, &["--from", from])
            .exits(0)
            .json();
        let id = second["execution"].as_str().unwrap();
        refused(&env, &["git", "merge", id], 2, &["--target"]);
        json(&env, &["git", "merge", id, "--target", "target"]);
        assert_eq!(env.git(&["show", "target:second.md"]), from);
        assert_eq!(
            env.git(&["log", "--format=%s", "-S", "SECRET", "target"]),
            ""
        );
        env.git(&["branch", "--force", "target", "main"]);
    }
    env.fsck();
}

/// Writes a file again with other bytes of the same length, in the second in which git wrote its index.
fn change_within_a_second(env: &TestEnv) {
    let second = |path: &str| {
        let file = fs::metadata(env.repo().join(path)).unwrap();
        let modified = file.modified().unwrap();
        modified
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    loop {
        env.write("raced.md", "aaaa\n");
        env.git(&["add", "raced.md"]);
        env.write("raced.md", "bbbb\n");
        if second("raced.md") == second(".git/index") {
            break;
        }
    }
    let then = second("raced.md");
    while std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() <= then + 1 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn an_index_of_any_form_is_understood_and_left_as_it_is() {
    for form in [
        ["update-index", "--split-index"].as_slice(),
        &["update-index", "--untracked-cache"],
        &["sparse-checkout", "set", "--sparse-index", "src"],
        &["update-index", "--force-write-index"],
    ] {
        let env = env();
        env.write("docs/far.md", "not in a sparse checkout\n");
        env.git(&["add", "--all"]);
        env.git(&["commit", "--quiet", "--message=more"]);
        env.git(form);
        change_within_a_second(&env);
        env.write("src/main.rs", "fn main() { /* mine */ }\n");
        let own = || {
            let folder = fs::read_dir(env.repo().join(".git")).unwrap();
            let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
            names.retain(|name| name.to_str().unwrap().contains("index"));
            names.sort();
            names
                .into_iter()
                .map(|name| {
                    let bytes = fs::read(env.repo().join(".git").join(&name)).unwrap();
                    (name, bytes)
                })
                .collect::<Vec<_>>()
        };
        let before = own();
        let receipt = write(&env, "a.md", "x", &["--include-dirty"])
            .exits(0)
            .json();
        assert!(own() == before, "{form:?} changed the index");
        let base = receipt["base"].as_str().unwrap();
        assert_eq!(
            env.git(&["diff", "--name-status", "main", base]),
            "A\traced.md\nM\tsrc/main.rs\n",
            "{form:?}"
        );
        assert_eq!(
            env.git(&["show", &format!("{base}:raced.md")]),
            "bbbb\n",
            "{form:?}"
        );
    }
}

#[test]
fn files_that_git_cannot_add_are_an_error_and_not_left_out() {
    let env = env();
    // A repository without a commit is neither a folder nor a submodule to git.
    let inner = env.repo().join("inner");
    fs::create_dir(&inner).unwrap();
    let git = env
        .command("git", &inner)
        .args(["init", "--quiet"])
        .status();
    assert!(git.unwrap().success());
    fs::write(inner.join("file.md"), "x").unwrap();
    let before = env.checkout();
    let run = ["run", "files__read", "path=README.md", "--include-dirty"];
    refused(&env, &run, 2, &["git add", "inner"]);
    assert_eq!(env.checkout(), before);
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
        ""
    );
}
