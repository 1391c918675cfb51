//! How the journal is written: by many processes, through crashes, on disks that take nothing.

use std::fs;

use serde_json::{Value, json};

use super::journal::{
    ANCHOR, JOURNAL, begin_runs, check_intact, check_wrong, env, greet, lines, of_kind,
};
use crate::common::{TestEnv, guest};

#[test]
fn a_torn_line_is_told_and_the_chain_goes_on() {
    let env = env();
    let good = env.read(JOURNAL);
    // A crash in the middle of a write, and one before the very last byte.
    for torn in [&good[..good.len() / 2], &good[..good.len() - 1]] {
        let env = super::journal::env();
        let whole = env.read(JOURNAL);
        let torn = &torn[torn.rfind('\n').unwrap() + 1..];
        env.write(JOURNAL, &(whole + torn));
        check_wrong(&env, 7, "torn");
        greet(&env, "Dee");
        let mended = of_kind_of_rest(&env);
        assert_eq!(mended["found"], "torn-line");
        assert_eq!(mended["bytes"], json!(torn.len()));
        assert_eq!(lines(&env)[6], torn, "it stays as evidence");
        let found = check_intact(&env, 9);
        assert!(found["notes"].to_string().contains("breaks off"), "{found}");
    }
}

/// The line after the torn one, which is no record.
fn of_kind_of_rest(env: &TestEnv) -> Value {
    serde_json::from_str(&lines(env)[7]).unwrap()
}

#[test]
fn records_that_were_not_anchored_yet_are_told() {
    let env = env();
    let anchor = env.read(ANCHOR);
    greet(&env, "Dee");
    // A crash between the journal and its anchor.
    env.write(ANCHOR, &anchor);
    let found = check_intact(&env, 8);
    assert!(
        found["notes"].to_string().contains("not anchored"),
        "{found}"
    );
    greet(&env, "Eve");
    assert_eq!(of_kind(&env, "mended")[0]["found"], "unanchored");
    check_intact(&env, 11);
}

#[test]
fn two_processes_append_to_one_chain() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let mut server = env.mcp();
    server.initialize();
    let running = begin_runs(&env, 20);
    for _ in 0..50 {
        server.call("hello__greet", json!({"name": "Ada"}));
    }
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    server.close();
    check_intact(&env, 140);
    let callers: Vec<_> = of_kind(&env, "call-ended")
        .into_iter()
        .map(|record| record["caller"]["by"].clone())
        .collect();
    assert_eq!(callers.iter().filter(|by| **by == "assistant").count(), 50);
    assert_eq!(callers.iter().filter(|by| **by == "person").count(), 20);
}

#[test]
fn a_lock_that_is_removed_while_many_write_lets_nobody_out_of_turn() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let lock = env.repo().join(".git/paracle/audit.lock");
    let mut servers: Vec<_> = (0..3).map(|_| env.mcp()).collect();
    for server in &mut servers {
        server.initialize();
    }
    std::thread::scope(|scope| {
        let writing: Vec<_> = servers
            .into_iter()
            .map(|mut server| {
                scope.spawn(move || {
                    for _ in 0..60 {
                        server.call("hello__greet", json!({"name": "Ada"}));
                        std::thread::sleep(std::time::Duration::from_millis(3));
                    }
                    server.close();
                })
            })
            .collect();
        let mut removed = 0;
        while !writing
            .iter()
            .all(std::thread::ScopedJoinHandle::is_finished)
        {
            removed += usize::from(fs::remove_file(&lock).is_ok());
        }
        assert!(removed > 10, "removed {removed} times");
    });
    check_intact(&env, 360);
}

#[test]
fn a_journal_that_cannot_be_written_fails_no_call_and_is_told_once() {
    let env = TestEnv::with_plugins(&["hello"], "");
    // A folder in the journal's place: not even root can write to it.
    fs::create_dir_all(env.repo().join(JOURNAL)).unwrap();
    let mut server = env.mcp_with_log();
    server.initialize();
    for _ in 0..3 {
        let greeted = server.call("hello__greet", json!({"name": "Ada"}));
        assert_eq!(greeted["content"][0]["text"], "Hello, Ada!");
    }
    server.close();
    let log = env.log();
    assert_eq!(log.matches("is not kept up").count(), 1, "{log}");
}

#[test]
fn without_a_repository_there_is_no_journal() {
    let env = TestEnv::bare_folder();
    env.install(&["hello"], "");
    drop(env.run(&["run", "hello__greet", "name=Ada"]).exits(0));
    drop(
        env.run(&["audit", "show"])
            .exits(2)
            .says(&["git repository"]),
    );
}

#[test]
fn worktrees_share_one_journal() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.git(&["worktree", "add", "--quiet", "../other"]);
    env.write_bytes("../other/.parac/plugins/hello.wasm", guest("hello"));
    greet(&env, "Ada");
    drop(
        env.run_in("../other", &["run", "hello__greet", "name=Bea"])
            .exits(0),
    );
    check_intact(&env, 4);
    drop(env.run_in("../other", &["audit", "verify"]).exits(0));
}
