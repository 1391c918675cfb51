//! All repositories of an execution merge, or none does.

use std::fs;

use serde_json::Value;

use super::work::{Two, shows};

/// Returns what became of one repository.
fn of<'a>(merged: &'a Value, name: &str) -> &'a Value {
    let each = merged["repositories"].as_array().unwrap();
    each.iter().find(|one| one["name"] == name).unwrap()
}

/// Expects that a merge is none, in any repository, whatever the one was that kept it back.
#[track_caller]
fn merges_nowhere(two: &Two, outcome: &str, kept: &str, words: &[&str]) {
    let before = (two.mains(), two.env.checkout());
    let merged = two.merge("both", 4);
    assert_eq!(merged["outcome"], outcome, "{merged}");
    assert_eq!(of(&merged, kept)["outcome"], outcome, "{merged}");
    let other = if kept == "lib" { "repo" } else { "lib" };
    assert_eq!(of(&merged, other)["outcome"], "ready-to-merge", "{merged}");
    assert_eq!((two.mains(), two.env.checkout()), before);
    two.run_in_lib(&["git", "merge", "both"])
        .exits(4)
        .says(&["not merged in any repository"])
        .says(words);
    for refs in [
        two.env.git(&["for-each-ref", "refs/paracle"]),
        two.lib(&["for-each-ref", "refs/paracle"]),
    ] {
        assert!(!refs.contains("/intent"), "{refs}");
    }
    two.fsck();
}

#[test]
fn all_repositories_merge_from_any_of_them() {
    let two = Two::new();
    two.write_both("one", &[]);
    let merged = two.merge("one", 0);
    assert_eq!(merged["outcome"], "merged", "{merged}");
    for name in ["repo", "lib"] {
        assert_eq!(of(&merged, name)["outcome"], "merged", "{merged}");
        assert_eq!(of(&merged, name)["target"], "main", "{merged}");
    }
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
    // The checkout of one of them went along.
    assert_eq!(two.env.read("README.md"), "of a call\n");
    assert_eq!(two.merge("one", 0)["outcome"], "up-to-date");

    two.env.run(&["git", "cleanup"]).exits(0);
    let again = two.try_steps(
        "two",
        &serde_json::json!([{"what": "write", "path": "/workspace/lib/a.md", "with": "a\n"}]),
        &[],
    );
    assert_eq!(again["repositories"].as_array().unwrap().len(), 1);
    shows(
        two.run_in_lib(&["git", "merge", "two", "--strategy", "squash"]),
        &["merged two into main of lib as "],
    );
    two.fsck();
}

#[test]
fn a_call_merges_in_all_repositories_where_that_is_asked_for() {
    let two = Two::new();
    let receipt = two.write_both("both", &["--merge"]);
    let completed = &receipt["completed"];
    for name in ["repo", "lib"] {
        let one = of(completed, name);
        assert_eq!(one["merge"]["outcome"], "merged", "{completed}");
        assert_eq!(one["branch_deleted"], true, "{completed}");
    }
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
}

#[test]
fn a_conflict_in_one_repository_keeps_all_back_until_it_is_decided() {
    let two = Two::new();
    two.write_both("both", &[]);
    let commit = two.commit_beside("of a person\n", "README.md");
    two.lib(&["update-ref", "refs/heads/main", &commit]);
    merges_nowhere(
        &two,
        "conflict",
        "lib",
        &[
            "repo could move; lib is not merged",
            "do not fit in README.md",
        ],
    );
    let lib = format!("--repo {}", two.lib.canonicalize().unwrap().display());
    let resolve = format!("execution resolve both PATH --ours {lib}");
    two.env
        .run(&["git", "merge", "both"])
        .exits(4)
        .says(&[&resolve]);
    let listed = two.env.run(&["execution", "conflicts", "both"]);
    let listed = listed.says(&["the execution works in lib ("]);
    shows(listed, &[&format!("execution conflicts both {lib}")]);
    two.run_in_lib(&["execution", "resolve", "both", "README.md", "--theirs"])
        .exits(0);
    assert_eq!(two.merge("both", 0)["outcome"], "merged");
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
}

#[test]
fn a_checkout_with_changes_in_one_repository_keeps_all_back() {
    let two = Two::new();
    two.write_both("both", &[]);
    two.env.write("src/main.rs", "fn main() { changed }\n");
    merges_nowhere(
        &two,
        "ready-to-merge",
        "repo",
        &[
            "repo cannot: ",
            "has uncommitted changes (src/main.rs)",
            "lib could move",
        ],
    );
}

#[test]
fn a_file_that_git_would_not_overwrite_keeps_all_back() {
    let two = Two::new();
    let steps = serde_json::json!([
        {"what": "write", "path": "/workspace/repo/new.md", "with": "of a call\n"},
        {"what": "write", "path": "/workspace/lib/new.md", "with": "of a call\n"},
    ]);
    two.try_steps("both", &steps, &[]);
    two.env.write("new.md", "a person's own, not committed\n");
    merges_nowhere(&two, "ready-to-merge", "repo", &["new.md"]);
}

#[test]
fn a_check_of_one_repository_keeps_all_back_and_sees_its_own_tree() {
    let two = Two::new();
    two.write_both("both", &[]);
    // Each repository's checks are its own, by its own plugins.
    let parac = two.lib.join(".parac");
    fs::create_dir_all(parac.join("config")).unwrap();
    fs::create_dir_all(parac.join("plugins")).unwrap();
    let files = crate::common::guest("files");
    fs::write(parac.join("plugins/files.wasm"), files).unwrap();
    let plugins = "plugins: [{name: files, grants: {workspace: read-only}}]";
    fs::write(parac.join("config/plugins.yaml"), plugins).unwrap();
    let check = |path: &str| {
        two.configure(&format!(
            "checks: [{{tool: files__read, arguments: {{path: {path}}}}}]\n"
        ));
    };
    check("not-there");
    merges_nowhere(
        &two,
        "refused",
        "lib",
        &["the check files__read of .parac/config/git.yaml"],
    );
    // Its merged tree is its workspace, without a folder of its name.
    check("src/lib.rs");
    assert_eq!(two.merge("both", 0)["outcome"], "merged");
}

#[test]
fn a_protected_branch_of_one_repository_keeps_all_from_merging_by_themselves() {
    let two = Two::new();
    two.env
        .write(".parac/config/git.yaml", "auto_merge: true\n");
    let parac = two.lib.join(".parac/config");
    fs::create_dir_all(&parac).unwrap();
    two.configure("auto_merge: true\nprotect: [main]\n");
    let before = two.mains();
    let receipt = two.write_both("kept", &[]);
    for name in ["repo", "lib"] {
        assert_eq!(of(&receipt["completed"], name)["status"], "kept");
    }
    assert_eq!(two.mains(), before);
    two.configure("auto_merge: true\n");
    let receipt = two.write_both("merged", &[]);
    for name in ["repo", "lib"] {
        let one = of(&receipt["completed"], name);
        assert_eq!(one["merge"]["outcome"], "merged", "{receipt}");
    }
}

#[test]
fn each_repository_begins_and_ends_at_a_branch_of_its_own() {
    let two = Two::new();
    let parac = two.lib.join(".parac/config");
    fs::create_dir_all(&parac).unwrap();
    two.lib(&["branch", "next", "main"]);
    fs::write(
        parac.join("git.yaml"),
        "base_branch: next\nstrategy: squash\n",
    )
    .unwrap();
    two.write_both("both", &["--merge"]);
    assert_eq!(two.lib(&["show", "next:README.md"]), "of a call");
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "# A library".to_owned())
    );
    let parents = two.lib(&["rev-list", "--parents", "-1", "next"]);
    assert_eq!(parents.split(' ').count(), 2, "{parents}");
}
