//! A journal in segments: one chain through all of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::journal::{ANCHOR, JOURNAL, begin_runs, check_intact, greet, verify};
use crate::common::TestEnv;

/// A repository whose journal goes on in another segment after some fifty calls.
fn env() -> TestEnv {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.write_own("config.yaml", "audit: { segment_kib: 64 }\n");
    env
}

/// Makes as many calls as fill some segments.
fn fill(env: &TestEnv) {
    // One server after the other: each has written all of its own when it ends, however quick the calls are.
    for _ in 0..4 {
        let mut server = env.mcp();
        server.initialize();
        for _ in 0..100 {
            server.call("hello__greet", json!({"name": "Ada"}));
        }
        server.close();
    }
}

/// Returns the closed segments, the oldest first.
fn closed(env: &TestEnv) -> Vec<PathBuf> {
    let mut closed: Vec<_> = fs::read_dir(env.repo().join(".git/paracle"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| name(path).starts_with("audit.0"))
        .collect();
    closed.sort();
    closed
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Expects a fault in a segment.
#[track_caller]
fn check_wrong(env: &TestEnv, file: &str, line: usize, fault: &str) {
    let found = verify(env).exits(1).json();
    let wrong = &found["wrong"];
    assert_eq!(
        (&wrong["file"], &wrong["line"], &wrong["fault"]),
        (&json!(file), &json!(line), &json!(fault)),
        "{found}"
    );
}

#[test]
fn a_journal_that_is_long_goes_on_in_another_segment_and_is_one_chain() {
    let env = env();
    fill(&env);
    let closed = closed(&env);
    assert!(closed.len() >= 2, "{closed:?}");
    for path in &closed {
        let text = fs::read_to_string(path).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(
            name(path),
            format!("audit.{:09}.jsonl", last["seq"].as_u64().unwrap())
        );
        assert!(fs::metadata(path).unwrap().len() >= 64 << 10);
    }
    check_intact(&env, 800);
    // `show` goes through all of them, too.
    let all = env.run(&["audit", "show", "--limit", "10000", "--json"]);
    let seqs: Vec<u64> = all
        .exits(0)
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=800).collect::<Vec<_>>());
}

#[test]
fn a_segment_that_is_removed_is_detected() {
    let env = env();
    fill(&env);
    let closed = closed(&env);
    for (index, path) in closed.iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        let next = closed
            .get(index + 1)
            .map_or("audit.jsonl", |next| name(next));
        check_wrong(&env, next, 1, "cut");
        fs::write(path, bytes).unwrap();
        check_intact(&env, 800);
    }
    let journal = env.read(JOURNAL);
    fs::remove_file(env.repo().join(JOURNAL)).unwrap();
    check_wrong(
        &env,
        closed
            .last()
            .unwrap()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap(),
        fs::read_to_string(closed.last().unwrap())
            .unwrap()
            .lines()
            .count()
            + 1,
        "tail-missing",
    );
    env.write(JOURNAL, &journal);
    drop(verify(&env).exits(0));
}

#[test]
fn a_closed_segment_that_is_edited_cut_or_moved_is_detected() {
    let env = env();
    fill(&env);
    let closed = closed(&env);
    let first = fs::read_to_string(&closed[0]).unwrap();
    let lines: Vec<&str> = first.lines().collect();
    let (name, next) = (name(&closed[0]), name(&closed[1]));
    let last = lines.len();
    let edited = first.replacen("hello__greet", "files__write", 1);
    fs::write(&closed[0], edited).unwrap();
    check_wrong(&env, name, 1, "edited");
    fs::write(&closed[0], lines[..last - 1].join("\n") + "\n").unwrap();
    check_wrong(&env, next, 1, "cut");
    fs::write(&closed[0], &first[..first.len() - 10]).unwrap();
    check_wrong(&env, name, last, "edited");
    // One in the place of the other.
    let second = fs::read_to_string(&closed[1]).unwrap();
    fs::write(&closed[0], &second).unwrap();
    fs::write(&closed[1], &first).unwrap();
    check_wrong(&env, name, 1, "reordered");
    fs::write(&closed[0], &first).unwrap();
    fs::write(&closed[1], &second).unwrap();
    check_intact(&env, 800);
}

#[test]
fn processes_that_append_at_once_agree_on_the_segments() {
    let env = env();
    let mut servers: Vec<_> = (0..3).map(|_| env.mcp()).collect();
    for server in &mut servers {
        server.initialize();
    }
    let running = begin_runs(&env, 10);
    for _ in 0..130 {
        for server in &mut servers {
            server.call("hello__greet", json!({"name": "Ada"}));
        }
    }
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    for server in servers {
        server.close();
    }
    assert!(closed(&env).len() >= 2);
    let found = check_intact(&env, 2 * (3 * 130 + 10));
    assert_eq!(found["notes"], json!([]), "nobody had to mend anything");
}

#[test]
fn a_writer_that_is_interrupted_between_two_segments_loses_nothing() {
    let env = env();
    fill(&env);
    // A crash after the segment got its number, and before anything was in the next one.
    let named = env.repo().join(".git/paracle/audit.000000800.jsonl");
    fs::rename(env.repo().join(JOURNAL), named).unwrap();
    check_intact(&env, 800);
    greet(&env, "Dee");
    let found = check_intact(&env, 802);
    assert_eq!(found["notes"], json!([]), "{found}");
    // A crash after that, and before the anchor moved.
    let anchor = env.read(ANCHOR);
    greet(&env, "Eve");
    env.write(ANCHOR, &anchor);
    greet(&env, "Fay");
    check_intact(&env, 807);
}

#[test]
fn the_length_of_a_segment_is_within_bounds() {
    let env = env();
    for kib in ["0", "63", "1048577", "-1", "many"] {
        let text = format!("audit: {{ segment_kib: {kib} }}\n");
        env.write_own("config.yaml", &text);
        drop(
            env.run(&["run", "hello__greet", "name=Ada"])
                .exits(2)
                .says(&["config.yaml"]),
        );
    }
}
