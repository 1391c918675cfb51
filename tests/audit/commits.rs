//! What commits say of the journal, and who said it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::journal::{ANCHOR, JOURNAL, check_intact, check_wrong, env, greet, verify};
use crate::common::TestEnv;

#[test]
fn an_older_journal_put_back_with_its_anchor_is_detected_by_the_commits() {
    let env = env();
    let (journal, anchor) = (env.read(JOURNAL), env.read(ANCHOR));
    greet(&env, "Dee");
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    let message = env.git(&["log", "-1", "--format=%B", "--all"]);
    assert!(message.contains("Paracle-Audit: "), "{message}");
    check_intact(&env, 10);
    env.write(JOURNAL, &journal);
    env.write(ANCHOR, &anchor);
    check_wrong(&env, 7, "tail-missing");
}

#[test]
fn a_journal_made_anew_by_somebody_with_the_key_is_detected_by_the_commits() {
    let env = env();
    let (journal, anchor) = (env.read(JOURNAL), env.read(ANCHOR));
    for name in ["Dee", "Eve"] {
        greet(&env, name);
    }
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    env.write(JOURNAL, &journal);
    env.write(ANCHOR, &anchor);
    // The same person, as if what they did had not been: the chain, the records and the anchor are sound.
    for name in ["Fay", "Gus", "Hal"] {
        greet(&env, name);
    }
    let found = verify(&env).exits(1).json();
    assert_eq!(found["wrong"]["fault"], "edited", "{found}");
    assert!(
        found["wrong"]["message"].to_string().contains("commit"),
        "{found}"
    );
}

/// Makes a commit as anybody could push it, with a trailer about a journal.
fn push(env: &TestEnv, trailer: &str) -> String {
    let message = format!("anybody's\n\nParacle-Audit: {trailer}\n");
    env.git(&["commit", "--quiet", "--allow-empty", "--message", &message]);
    env.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// Returns what the newest commit of an execution says of the journal.
fn said(env: &TestEnv) -> String {
    let log = env.git(&[
        "log",
        "--all",
        "--format=%(trailers:key=Paracle-Audit,valueonly)",
    ]);
    log.lines()
        .find(|line| !line.is_empty())
        .unwrap()
        .to_owned()
}

#[test]
fn a_trailer_of_somebody_else_is_told_as_foreign_and_not_as_tampering() {
    let env = env();
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    let ours = said(&env);
    let words: Vec<&str> = ours.split(' ').collect();
    let [journal, _, hash, mac] = words[..] else {
        panic!("{ours}");
    };
    // Of our own journal: a record that is not there yet, another hash of one that is, and no word at all.
    for forged in [
        format!("{journal} 1000 {hash} {mac}"),
        format!("{journal} 2 sha256:{} {mac}", "0".repeat(64)),
        format!("{journal} 1000 {hash}"),
        format!("{journal} 1000 {hash} {}", "0".repeat(64)),
        "nonsense".to_owned(),
    ] {
        push(&env, &forged);
        let found = check_intact(&env, 8);
        let notes = found["notes"].to_string();
        assert!(
            notes.contains("somebody else") && !notes.contains("yours"),
            "{forged}: {notes}"
        );
        drop(
            env.run(&["audit", "verify"])
                .exits(0)
                .says(&["another machine or by somebody else"]),
        );
    }
    assert!(
        verify(&env).json()["notes"]
            .to_string()
            .contains("5 commits")
    );
    // And what is ours still binds.
    let (journal, anchor) = (env.read(JOURNAL), env.read(ANCHOR));
    drop(
        env.run(&["run", "files__write", "path=c", "content=d"])
            .exits(0),
    );
    greet(&env, "Dee");
    drop(
        env.run(&["run", "files__write", "path=e", "content=f"])
            .exits(0),
    );
    env.write(JOURNAL, &journal);
    env.write(ANCHOR, &anchor);
    check_wrong(&env, 9, "tail-missing");
}

#[test]
fn what_another_machines_key_said_is_foreign_here() {
    let env = env();
    // As a colleague's clone would have it.
    let own = env.outside("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("key"), [7; 32]).unwrap();
    for (path, mode) in [(own.clone(), 0o700), (own.join("key"), 0o600)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut colleague = env.program_in("");
    colleague
        .env("PARACLE_CONFIG_DIR", &own)
        .args(["run", "files__write", "path=a", "content=b"]);
    let journal = env.repo().join(".git/paracle");
    let aside = env.outside("journal");
    fs::rename(&journal, &aside).unwrap();
    // Twice: the first commit is made before there is a journal.
    for _ in 0..2 {
        assert!(colleague.status().unwrap().success());
    }
    fs::remove_dir_all(&journal).unwrap();
    fs::rename(&aside, &journal).unwrap();
    let found = check_intact(&env, 6);
    assert!(
        found["notes"].to_string().contains("somebody else"),
        "{found}"
    );
}

#[test]
fn a_trailer_copied_into_another_commit_says_nothing_new() {
    let env = env();
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    push(&env, &said(&env));
    let found = check_intact(&env, 8);
    assert_eq!(found["notes"], serde_json::json!([]), "{found}");
}

#[test]
fn a_journal_that_was_replaced_by_a_new_one_is_told_by_the_commits() {
    let env = env();
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    for file in [JOURNAL, ANCHOR] {
        fs::remove_file(env.repo().join(file)).unwrap();
    }
    greet(&env, "Dee");
    let found = check_intact(&env, 2);
    assert!(
        found["notes"]
            .to_string()
            .contains("one that was here before"),
        "{found}"
    );
}

#[test]
fn a_commit_made_of_several_says_of_the_journal_what_each_of_them_said() {
    let env = env();
    for path in ["a", "b"] {
        let path = format!("path={path}");
        let words = [
            "run",
            "files__write",
            &path,
            "content=x",
            "--execution=mine",
        ];
        drop(env.run(&words).exits(0));
    }
    let words = ["git", "merge", "mine", "--strategy", "squash"];
    drop(env.run(&words).exits(0));
    let message = env.git(&["log", "-1", "--format=%B", "main"]);
    assert_eq!(message.matches("Paracle-Audit: ").count(), 2, "{message}");
    drop(env.run(&["git", "cleanup", "mine", "--force"]).exits(0));
    let found = verify(&env).exits(0).json();
    assert_eq!(found["notes"], serde_json::json!([]), "{found}");
    // One that somebody else added is told, and the others still bind.
    let ours = said(&env);
    let foreign = format!("{ours} and more");
    let forged = format!(
        "{}Paracle-Audit: {foreign}\n",
        message.trim_end().to_owned() + "\n"
    );
    env.git(&["commit", "--quiet", "--allow-empty", "--message", &forged]);
    let notes = verify(&env).exits(0).json()["notes"].to_string();
    assert!(notes.contains("somebody else"), "{notes}");
}
