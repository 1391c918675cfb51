//! Giving an execution of several repositories up, cleaning it up, and calls that fit in one of them and not in the other.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::work::Two;

/// Lists an execution's refs in both repositories.
fn refs(two: &Two, id: &str) -> (String, String) {
    let paracle = format!("refs/paracle/executions/{id}");
    let heads = format!("refs/heads/exec/{id}");
    let words = ["for-each-ref", "--format=%(refname)", &paracle, &heads];
    (two.env.git(&words), two.lib(&words))
}

#[test]
fn an_execution_is_given_up_in_all_its_repositories() {
    let two = Two::new();
    two.write_both("both", &[]);
    let (repo, lib) = refs(&two, "both");
    assert!(repo.contains("refs/heads/exec") && lib.contains("refs/heads/exec"));
    two.run_in_lib(&["execution", "discard", "both"]).exits(0);
    let (repo, lib) = refs(&two, "both");
    assert!(repo.contains("/discarded") && lib.contains("/discarded"));
    assert!(!repo.contains("refs/heads/exec") && !lib.contains("refs/heads/exec"));
    two.env
        .run(&["git", "merge", "both"])
        .exits(4)
        .says(&["was discarded"]);
    two.env.run(&["git", "cleanup"]).exits(0);
    assert_eq!(refs(&two, "both"), (String::new(), String::new()));
}

#[test]
fn one_repository_that_cannot_give_an_execution_up_keeps_it_in_all() {
    let two = Two::new();
    two.write_both("both", &[]);
    let look = two.env.outside("look");
    two.run_in_lib(&["execution", "materialize", "both", look.to_str().unwrap()])
        .exits(0);
    let before = refs(&two, "both");
    two.env
        .run(&["execution", "discard", "both"])
        .exits(4)
        .says(&["checked out"]);
    assert_eq!(refs(&two, "both"), before);
}

#[test]
fn a_cleanup_removes_an_execution_in_all_its_repositories_or_in_none() {
    let two = Two::new();
    two.write_both("both", &[]);
    two.merge("both", 0);
    // One target loses it again.
    two.lib(&["update-ref", "refs/heads/main", "main~1"]);
    let before = refs(&two, "both");
    let cleaned = two.env.run(&["git", "cleanup", "--json"]).exits(0).json();
    assert_eq!(cleaned[0]["stays"], "lib: main does not have all of it");
    assert_eq!(refs(&two, "both"), before);
    two.run_in_lib(&["git", "cleanup", "both", "--force"])
        .exits(0);
    assert_eq!(refs(&two, "both"), (String::new(), String::new()));
}

#[test]
fn a_call_that_does_not_fit_in_one_repository_lands_in_none() {
    let two = Two::new();
    two.write_both("both", &[]);
    // A person has its branch of one checked out, with changes in the way.
    let look = two.env.outside("look");
    two.run_in_lib(&["execution", "materialize", "both", look.to_str().unwrap()])
        .exits(0);
    fs::write(look.join("README.md"), "a person's own\n").unwrap();
    let before = two.env.git(&["for-each-ref", "refs/heads/exec"]);
    let arguments = json!({"steps": [
        {"what": "write", "path": "/workspace/repo/README.md", "with": "of another call\n"},
        {"what": "write", "path": "/workspace/lib/README.md", "with": "of another call\n"},
    ]});
    let arguments = arguments.to_string();
    let words = [
        "run",
        "reach__try",
        "--execution",
        "both",
        "--args",
        &arguments,
    ];
    two.run(&words).exits(4).says(&[
        "in lib: ",
        "is checked out and cannot move",
        "what it changed in repo is kept there under refs/paracle/executions/both/conflicts/",
    ]);
    assert_eq!(two.env.git(&["for-each-ref", "refs/heads/exec"]), before);
    assert_eq!(
        fs::read_to_string(look.join("README.md")).unwrap(),
        "a person's own\n"
    );
    // Kept apart in both, and taken over or given up in each.
    two.lib(&["worktree", "remove", "--force", look.to_str().unwrap()]);
    let shown = two.run_in_lib(&["execution", "show", "both", "--json"]);
    let kept = shown.exits(0).json()["conflicts"][0].clone();
    let call = kept.as_str().unwrap().rsplit('/').next().unwrap();
    let applied = two.run_in_lib(&["execution", "apply", "both", call]);
    let applied = applied.exits(0).stdout;
    assert!(applied.contains("took over the change"), "{applied}");
    two.env
        .run(&["execution", "discard", "both", "--call", call])
        .exits(0);
    let content = |at: &Path| {
        let tip = two.git(
            at,
            &["for-each-ref", "--format=%(objectname)", "refs/heads/exec"],
        );
        two.git(at, &["show", &format!("{tip}:README.md")])
    };
    assert_eq!(content(&two.lib), "of another call");
    assert_ne!(content(&two.env.repo()), "of another call");
}

#[test]
fn a_repository_that_is_gone_is_named() {
    let two = Two::new();
    two.write_both("both", &[]);
    let away = two.env.outside("away");
    fs::rename(&two.lib, &away).unwrap();
    for words in [
        &["git", "merge", "both"][..],
        &["execution", "discard", "both"],
    ] {
        two.env.run(words).exits(2).says(&[
            "works in lib as well",
            "no repository at",
            "put it back",
        ]);
    }
    two.env.run(&["execution", "list"]).exits(0);
    let away = away.to_str().unwrap();
    two.env
        .run(&["--repo", away, "git", "merge", "both"])
        .exits(2);
    two.env.run(&["git", "cleanup", "both", "--force"]).exits(0);
    fs::rename(away, &two.lib).unwrap();
    two.run_in_lib(&["git", "merge", "both"]).exits(0);
}

#[test]
fn what_comes_with_a_repository_leads_into_no_other() {
    let two = Two::new();
    two.write_both("both", &[]);
    // A repository that somebody else made says that it is one of ours with `lib`.
    let theirs = two.env.outside("theirs");
    two.make(&theirs);
    let from = two.env.repo();
    let refs = "refs/paracle/*:refs/paracle/*";
    let heads = "refs/heads/exec/*:refs/heads/exec/*";
    two.git(
        &theirs,
        &["fetch", "--quiet", from.to_str().unwrap(), refs, heads],
    );
    let before = two.mains();
    let at = theirs.to_str().unwrap();
    two.env
        .run(&["--repo", at, "git", "merge", "both"])
        .exits(2)
        .says(&["nobody said so on this machine"]);
    assert_eq!(two.mains(), before);
}

#[test]
fn a_repository_that_was_cloned_anew_is_not_taken_for_one_that_was_not_changed() {
    let two = Two::new();
    two.write_both("both", &[]);
    let main = || two.env.git(&["rev-parse", "main"]);
    let before = main();
    let old = two.env.outside("old");
    fs::rename(&two.lib, &old).unwrap();
    let (from, to) = (old.to_str().unwrap(), two.lib.to_str().unwrap());
    two.env.git(&["clone", "--quiet", from, to]);
    two.env.run(&["git", "merge", "both"]).exits(2).says(&[
        "changed lib",
        "knows nothing of it",
        "nothing was done",
    ]);
    assert_eq!(main(), before);
}

#[test]
fn a_branch_that_somebody_deleted_is_not_taken_for_one_that_was_merged() {
    let two = Two::new();
    two.write_both("both", &[]);
    let before = two.mains();
    let branches = two
        .env
        .git(&["branch", "--list", "exec/*", "--format=%(refname:short)"]);
    two.env.git(&["branch", "-D", branches.trim()]);
    two.env
        .run(&["git", "merge", "both"])
        .exits(2)
        .says(&["is gone"]);
    assert_eq!(two.mains(), before);
}

#[test]
fn an_execution_of_several_repositories_is_finished_by_another_process() {
    let two = Two::new();
    two.write_both("both", &[]);
    let steps = json!([{"what": "write", "path": "/workspace/repo/more.md", "with": "more\n"}]);
    // This one writes in one of them, and merges both.
    let receipt = two.try_steps("both", &steps, &["--merge"]);
    assert_eq!(
        receipt["completed"]["repositories"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
    assert_eq!(two.env.read("more.md"), "more\n");
}
