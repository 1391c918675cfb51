//! What happens between the moves of two targets: the process is killed there, or somebody commits.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::work::{Two, shows};

/// When a test is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// Begins a merge that moves the main branch of `repo` and waits for that of `lib`, which git has locked.
fn begun(two: &Two, id: &str) -> Child {
    let (before, _) = two.mains();
    fs::write(two.lock(), "").unwrap();
    let merge = two
        .env
        .program_in("")
        .args(["git", "merge", id, "--json"])
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while two.mains().0 == before {
        assert!(started.elapsed() < PATIENCE, "nothing moved");
        std::thread::sleep(Duration::from_millis(2));
    }
    merge
}

/// Kills a merge between its moves.
fn killed_between(two: &Two, id: &str) {
    let mut merge = begun(two, id);
    merge.kill().unwrap();
    merge.wait().unwrap();
    // What git it had started ends at the lock.
    std::thread::sleep(Duration::from_millis(300));
    fs::remove_file(two.lock()).unwrap();
    let (repo, lib) = two.readmes();
    assert_eq!((repo.as_str(), lib.as_str()), ("of a call", "# A library"));
}

/// Has a person's commit land on `lib`'s main branch, as git itself does it: by renaming the lock.
fn land(two: &Two, commit: &str) {
    fs::write(two.lock(), format!("{commit}\n")).unwrap();
    fs::rename(two.lock(), two.lib.join(".git/refs/heads/main")).unwrap();
}

fn ended(merge: Child) -> (i32, serde_json::Value) {
    let done = merge.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let json = serde_json::from_slice(&done.stdout);
    (
        done.status.code().unwrap(),
        json.unwrap_or_else(|_| panic!("{said}")),
    )
}

#[test]
fn a_merge_that_was_killed_between_two_targets_is_told_and_finished() {
    let two = Two::new();
    two.write_both("both", &[]);
    killed_between(&two, "both");
    let words = &[
        "half merged",
        "status     half merged",
        "main of repo has it as ",
        "main of lib does not",
    ];
    let listed = [words[0], words[2], words[3]];
    two.env.run(&["execution", "list"]).exits(0).says(&listed);
    for show in [
        two.env.run(&["execution", "show", "both"]),
        two.run_in_lib(&["execution", "show", "both"]),
    ] {
        shows(show, words);
    }
    // Nothing else goes on with it.
    for refused in [
        two.env.run(&["execution", "discard", "both"]),
        two.env.run(&["execution", "resume", "both"]),
        two.run_in_lib(&["execution", "rewind", "both", "--to", "0"]),
        two.run(&[
            "run",
            "files__write",
            "path=lib/x",
            "content=x",
            "--execution",
            "both",
        ]),
    ] {
        refused.exits(4).says(&["execution both is half merged"]);
    }
    let cleaned = two.env.run(&["git", "cleanup", "--json"]).exits(0).json();
    let stays = cleaned[0]["stays"].as_str().unwrap();
    assert!(stays.contains("half merged"), "{cleaned}");

    two.run_in_lib(&["git", "merge", "both"]).exits(0);
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
    let shown = two.env.run(&["execution", "show", "both", "--json"]);
    let shown = shown.exits(0).json();
    assert_eq!(shown["status"], "merged", "{shown}");
    assert!(shown.get("half_merged").is_none(), "{shown}");
    two.fsck();
}

#[test]
fn a_half_merge_that_cannot_be_finished_is_taken_back() {
    let two = Two::new();
    two.write_both("both", &[]);
    let before = two.mains();
    killed_between(&two, "both");
    let commit = two.commit_beside("of a person\n", "README.md");
    two.lib(&["update-ref", "refs/heads/main", &commit]);
    let merged = two.merge("both", 4);
    assert_eq!(merged["outcome"], "conflict", "{merged}");
    assert_eq!(two.mains(), (before.0, commit));
    // The checkout went back, too.
    assert_eq!(two.env.read("README.md"), "# A repository\n");
    assert_eq!(two.env.git(&["status", "--porcelain"]), "");
    two.env.run(&["execution", "discard", "both"]).exits(0);
    two.fsck();
}

#[test]
fn a_merge_that_was_killed_after_all_targets_moved_is_noted() {
    let two = Two::new();
    two.write_both("both", &[]);
    killed_between(&two, "both");
    // The rest of it, as if the process had come that far.
    let intent = two.lib(&["cat-file", "-p", "refs/paracle/executions/both/intent"]);
    let json: serde_json::Value =
        serde_json::from_str(intent.split_once("\n\n").unwrap().1).unwrap();
    let moves = json["moves"].as_array().unwrap();
    let lib = moves.iter().find(|one| one["name"] == "lib").unwrap();
    two.lib(&[
        "update-ref",
        "refs/heads/main",
        lib["new"].as_str().unwrap(),
    ]);
    let after = two.mains();
    assert_eq!(two.merge("both", 0)["outcome"], "merged");
    assert_eq!(two.mains(), after);
}

#[test]
fn somebody_who_commits_between_two_targets_is_merged_with() {
    let two = Two::new();
    two.write_both("both", &[]);
    let commit = two.commit_beside("of a person\n", "another.md");
    let merge = begun(&two, "both");
    land(&two, &commit);
    let (code, merged) = ended(merge);
    assert_eq!(
        (code, &merged["outcome"]),
        (0, &"merged".into()),
        "{merged}"
    );
    assert_eq!(
        two.readmes(),
        ("of a call".to_owned(), "of a call".to_owned())
    );
    assert_eq!(two.lib(&["show", "main:another.md"]), "of a person");
    two.fsck();
}

#[test]
fn somebody_whose_commit_does_not_fit_takes_all_targets_back() {
    let two = Two::new();
    two.write_both("both", &[]);
    let commit = two.commit_beside("of a person\n", "README.md");
    let merge = begun(&two, "both");
    land(&two, &commit);
    let (code, merged) = ended(merge);
    assert_eq!(
        (code, &merged["outcome"]),
        (4, &"conflict".into()),
        "{merged}"
    );
    let why = merged["repositories"].to_string();
    assert!(
        why.contains("moved, and moved back because of lib"),
        "{merged}"
    );
    assert_eq!(
        two.readmes(),
        ("# A repository".to_owned(), "of a person".to_owned())
    );
    assert_eq!(two.env.git(&["status", "--porcelain"]), "");
    two.fsck();
}

#[test]
fn a_target_that_cannot_be_moved_back_is_said_precisely() {
    let two = Two::new();
    two.write_both("both", &[]);
    let commit = two.commit_beside("of a person\n", "README.md");
    let merge = begun(&two, "both");
    // A person commits on what has moved, and then the other one cannot follow.
    two.env.write("own.md", "a person's own\n");
    two.env.git(&["add", "--all"]);
    two.env
        .git(&["commit", "--quiet", "--message=a person's own"]);
    land(&two, &commit);
    let (code, merged) = ended(merge);
    assert_eq!(
        (code, &merged["outcome"]),
        (4, &"half-merged".into()),
        "{merged}"
    );
    let why = merged["repositories"][0]["why"].as_str().unwrap();
    assert_eq!(why, "somebody committed on it since");
    assert_eq!(two.env.read("own.md"), "a person's own\n");
    shows(
        two.env.run(&["execution", "show", "both"]),
        &["half merged: main of repo has it as "],
    );
    two.run_in_lib(&["execution", "resolve", "both", "README.md", "--theirs"])
        .exits(0);
    assert_eq!(two.merge("both", 0)["outcome"], "merged");
    two.fsck();
}
