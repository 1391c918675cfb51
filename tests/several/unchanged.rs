//! Executions that changed one of their repositories and not the others: each knows of them all the same.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::work::{Two, shows};
use crate::common::Output;

/// Lists an execution's refs in a repository.
fn refs(two: &Two, at: &std::path::Path, id: &str) -> String {
    let paracle = format!("refs/paracle/executions/{id}");
    let heads = format!("refs/heads/exec/{id}");
    two.git(
        at,
        &["for-each-ref", "--format=%(refname)", &paracle, &heads],
    )
}

/// Changes `lib` alone, by a call that works in `third` as well.
fn change_lib(two: &Two, third: Option<&PathBuf>, id: &str) -> Value {
    let steps = json!({"steps": [
        {"what": "read", "path": "/workspace/repo/README.md"},
        {"what": "write", "path": "/workspace/lib/README.md", "with": "of a call\n"},
    ]});
    let steps = steps.to_string();
    let words = [
        "run",
        "reach__try",
        "--json",
        "--args",
        &steps,
        "--execution",
        id,
    ];
    let mut program = two.env.program_in("");
    program.args(["--repo", "."]).arg("--repo").arg(&two.lib);
    if let Some(third) = third {
        program.arg("--repo").arg(third);
    }
    program.args(words);
    let receipt = Output::from(program.output().unwrap()).exits(0).json();
    let landed = receipt["repositories"].as_array().unwrap();
    assert_eq!(landed.len(), 1, "{receipt}");
    let completed = receipt["completed"]["repositories"].as_array().unwrap();
    assert_eq!(completed.len(), 1, "{receipt}");
    receipt
}

/// Makes a third repository.
fn third(two: &Two) -> PathBuf {
    let third = two.env.outside("third");
    two.make(&third);
    third
}

/// Runs the program in a repository alone.
fn run_in(two: &Two, at: &std::path::Path, words: &[&str]) -> Output {
    two.env
        .run(&[&["--repo", at.to_str().unwrap()], words].concat())
}

#[test]
fn an_execution_that_changed_another_repository_alone_is_known_in_each() {
    let two = Two::new();
    let third = third(&two);
    change_lib(&two, Some(&third), "work");
    for at in [&two.env.repo(), &third] {
        let here = refs(&two, at, "work");
        assert_eq!(here, "refs/paracle/executions/work/state");
        shows(
            run_in(&two, at, &["execution", "show", "work"]),
            &["kept", "nothing is changed here", "repository lib at "],
        );
        shows(
            run_in(&two, at, &["execution", "list"]),
            &["work", "nothing changed here"],
        );
        run_in(&two, at, &["execution", "log", "work"])
            .exits(0)
            .says(&["the execution works in", "lib"]);
        run_in(&two, at, &["execution", "diff", "work"])
            .exits(0)
            .says(&["the execution works in", "lib"]);
        for words in [
            &["execution", "rewind", "work", "--to=0"][..],
            &["execution", "materialize", "work"],
        ] {
            run_in(&two, at, words)
                .exits(2)
                .says(&["changed nothing", "lib="]);
        }
        run_in(&two, at, &["execution", "resume", "work"]).exits(0);
        assert_eq!(refs(&two, at, "work"), here);
    }
    assert!(refs(&two, &two.lib, "work").contains("refs/heads/exec/work"));
    two.fsck();
}

#[test]
fn an_execution_is_merged_discarded_and_cleaned_up_from_a_repository_that_it_did_not_change() {
    for member in ["repo", "third"] {
        let two = Two::new();
        let third = third(&two);
        let at = if member == "repo" {
            two.env.repo()
        } else {
            third.clone()
        };
        let before = two.mains();
        change_lib(&two, Some(&third), "merged");
        change_lib(&two, Some(&third), "given-up");
        let merged = run_in(&two, &at, &["git", "merge", "merged", "--json"]);
        let merged = merged.exits(0).json();
        assert_eq!(merged["outcome"], "merged", "{merged}");
        assert_eq!(merged["repositories"].as_array().unwrap().len(), 1);
        assert_eq!(two.mains().0, before.0);
        assert_eq!(two.readmes().1, "of a call");
        let all = [two.env.repo(), two.lib.clone(), third.clone()];
        for place in &all {
            let shown = run_in(&two, place, &["execution", "show", "merged", "--json"]);
            assert_eq!(shown.exits(0).json()["status"], "merged");
        }
        run_in(&two, &at, &["execution", "discard", "given-up"]).exits(0);
        for place in &all {
            let shown = run_in(&two, place, &["execution", "show", "given-up", "--json"]);
            assert_eq!(shown.exits(0).json()["status"], "discarded");
        }
        run_in(&two, &at, &["git", "cleanup"]).exits(0);
        for place in &all {
            assert_eq!(refs(&two, place, "merged"), "");
            assert_eq!(refs(&two, place, "given-up"), "");
        }
        two.fsck();
    }
}

#[test]
fn a_repository_that_is_changed_later_gets_its_branch_then() {
    let two = Two::new();
    change_lib(&two, None, "both");
    let steps = json!([{"what": "write", "path": "/workspace/repo/more.md", "with": "more\n"}]);
    two.try_steps("both", &steps, &["--merge"]);
    assert_eq!(two.readmes().1, "of a call");
    assert_eq!(two.env.read("more.md"), "more\n");
    // A branch that somebody deletes then is missed.
    let two = Two::new();
    change_lib(&two, None, "lost");
    two.try_steps("lost", &steps, &[]);
    let branches = [
        "branch",
        "--list",
        "exec/lost/*",
        "--format=%(refname:short)",
    ];
    let branch = two.env.git(&branches);
    assert_ne!(branch.trim(), "", "nothing was changed there");
    two.env.git(&["branch", "-D", branch.trim()]);
    two.env
        .run(&["git", "merge", "lost"])
        .exits(2)
        .says(&["is gone"]);
    two.fsck();
}

#[test]
fn an_id_that_an_execution_of_several_repositories_has_is_taken_in_each() {
    let two = Two::new();
    let third = third(&two);
    change_lib(&two, Some(&third), "taken");
    let before = refs(&two, &two.lib, "taken");
    let words = [
        "run",
        "files__write",
        "path=x",
        "content=x",
        "--execution",
        "taken",
    ];
    two.env.run(&words).exits(2).says(&[
        "execution taken",
        "works in --repo repo=",
        "take another id",
    ]);
    // Also with other repositories.
    let words = [
        "run",
        "files__write",
        "path=repo/x",
        "content=x",
        "--execution",
        "taken",
    ];
    two.run(&words)
        .exits(2)
        .says(&["execution taken", "take another id"]);
    assert_eq!(refs(&two, &two.lib, "taken"), before);
    // And what one repository has for itself is not taken by several.
    let words = [
        "run",
        "files__write",
        "path=x",
        "content=x",
        "--execution",
        "own",
    ];
    two.env.run(&words).exits(0);
    let words = [
        "run",
        "files__write",
        "path=lib/x",
        "content=x",
        "--execution",
        "own",
    ];
    two.run(&words)
        .exits(2)
        .says(&["execution own", "this repository alone"]);
    assert_eq!(refs(&two, &two.lib, "own"), "");
}

#[test]
fn an_execution_whose_id_is_another_one_elsewhere_is_ended_from_where_it_is() {
    let two = Two::new();
    for id in ["merged", "given-up", "removed"] {
        change_lib(&two, None, id);
        // As in a clone that was made anew.
        let state = format!("refs/paracle/executions/{id}/state");
        two.env.git(&["update-ref", "-d", &state]);
        let folder = two.env.repo().join(".git/paracle/executions");
        fs::remove_file(folder.join(format!("{id}.members"))).unwrap();
        let words = [
            "run",
            "files__write",
            "path=x",
            "content=x",
            "--execution",
            id,
        ];
        two.env.run(&words).exits(0);
    }
    two.run_in_lib(&["git", "merge", "merged"]).exits(0);
    assert_eq!(two.readmes().1, "of a call");
    two.run_in_lib(&["execution", "discard", "given-up"])
        .exits(0);
    two.run_in_lib(&["git", "cleanup", "removed", "--force"])
        .exits(0);
    two.run_in_lib(&["git", "cleanup"]).exits(0);
    for id in ["merged", "given-up", "removed"] {
        assert_eq!(refs(&two, &two.lib, id), "");
        let other = two.env.run(&["execution", "show", id, "--json"]);
        assert_eq!(other.exits(0).json()["status"], "kept");
        two.env.run(&["execution", "discard", id]).exits(0);
    }
}

#[test]
fn an_execution_that_lost_a_repository_with_work_of_it_is_given_up_by_name_and_force() {
    let two = Two::new();
    two.write_both("both", &[]);
    let old = two.env.outside("old");
    fs::rename(&two.lib, &old).unwrap();
    two.env.git(&[
        "clone",
        "--quiet",
        old.to_str().unwrap(),
        two.lib.to_str().unwrap(),
    ]);
    for words in [
        &["execution", "discard", "both"][..],
        &["git", "merge", "both"],
    ] {
        two.env
            .run(words)
            .exits(2)
            .says(&["knows nothing of it", "git cleanup both --force"]);
    }
    two.env.run(&["git", "cleanup", "both", "--force"]).exits(0);
    assert_eq!(refs(&two, &two.env.repo(), "both"), "");
}
