//! Executions whose state is damaged: named, given up, and in nobody's way.

use std::fs;

use serde_json::json;

use super::work::{branch, env, execution, json, refused, write};
use crate::common::TestEnv;

const KINDS: [&str; 4] = ["missing object", "no JSON", "unknown schema", "garbage"];

/// Has a state ref hold something else.
fn damage(env: &TestEnv, id: &str, kind: &str) {
    let state = format!("refs/paracle/executions/{id}/state");
    let file = env.repo().join(".git").join(&state);
    let blob = |text: &str| {
        env.write("blob", text);
        let blob = env.git(&["hash-object", "-w", "blob"]);
        fs::remove_file(env.repo().join("blob")).unwrap();
        blob
    };
    let text = match kind {
        "missing object" => format!("{}\n", "1".repeat(40)),
        "no JSON" => blob("no JSON"),
        "unknown schema" => {
            let tag = env.git(&["cat-file", "-p", &state]);
            let text = tag.split_once("\n\n").unwrap().1;
            blob(&text.replace("\"schema\": 1", "\"schema\": 77"))
        }
        _ => "\u{1}garbage\n".to_owned(),
    };
    fs::write(file, text).unwrap();
}

#[test]
fn a_damaged_execution_is_listed_and_named_and_in_nobodys_way() {
    for kind in KINDS {
        let env = env();
        execution(&env, "bad", 1);
        execution(&env, "good", 1);
        damage(&env, "bad", kind);
        let listed = env.run(&["execution", "list"]).exits(0).stdout;
        assert!(listed.contains("bad  damaged: "), "{kind}: {listed}");
        assert!(listed.contains("execution discard bad --force"), "{listed}");
        assert!(listed.contains("good"), "{listed}");
        let listed = json(&env, &["execution", "list"]);
        assert_eq!(listed[0]["id"], "good", "{kind}: {listed}");
        assert_eq!(listed[1]["status"], "damaged", "{kind}: {listed}");
        let doctor = env.run(&["doctor"]).exits(2).stdout;
        assert!(doctor.contains("bad is damaged"), "{kind}: {doctor}");
        assert!(doctor.contains("execution discard bad --force"), "{doctor}");
        for words in [
            &["execution", "show", "bad"][..],
            &["git", "merge", "bad"],
            &["execution", "discard", "bad"],
            &[
                "run",
                "files__write",
                "path=x",
                "content=x",
                "--execution",
                "bad",
            ],
        ] {
            refused(&env, words, 2, &["bad is damaged", "discard bad --force"]);
        }
        // All else goes on.
        write(&env, "new.md", "x", &["--execution", "new", "--merge"]).exits(0);
        json(&env, &["git", "merge", "good"]);
        env.run(&["git", "branches"]).exits(0);
        env.run(&["git", "cleanup"]).exits(0);
    }
}

#[test]
fn a_damaged_execution_is_given_up_and_its_work_is_kept() {
    for kind in KINDS {
        let env = env();
        execution(&env, "bad", 2);
        let tip = env.git(&["rev-parse", &branch(&env, "bad")]);
        damage(&env, "bad", kind);
        env.run(&["execution", "discard", "bad", "--force"])
            .exits(0);
        let kept = env.git(&["rev-parse", "refs/paracle/executions/bad/discarded"]);
        assert_eq!(kept, tip, "{kind}");
        assert_eq!(env.git(&["for-each-ref", "refs/heads/exec"]), "");
        let shown = json(&env, &["execution", "show", "bad"]);
        assert_eq!(shown["status"], "discarded", "{kind}: {shown}");
        assert_eq!(shown["commit_count"], 2, "{kind}: {shown}");
        env.run(&["doctor"]).exits(0);
        env.run(&["git", "cleanup"]).exits(0);
        assert_eq!(env.git(&["for-each-ref", "refs/paracle"]), "", "{kind}");
        env.fsck();
    }
}

#[test]
fn a_damaged_execution_without_work_is_removed_without_force() {
    for kind in KINDS {
        let env = env();
        execution(&env, "bad", 1);
        json(&env, &["git", "merge", "bad"]);
        damage(&env, "bad", kind);
        env.run(&["execution", "discard", "bad"]).exits(0);
        assert_eq!(
            env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"]),
            ""
        );
        assert_eq!(json(&env, &["execution", "list"]), json!([]), "{kind}");
        execution(&env, "bad", 1);
    }
}
