//! What a killed process leaves: listed, and taken up again or given up by any other.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::work::{branch, env, execution, json, refused, write};
use crate::common::TestEnv;

/// Waits until something holds: far longer than it takes, so that only what never comes fails.
fn eventually(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(2), "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Leaves an execution with one checkpoint whose server was killed.
fn killed(env: &TestEnv) -> String {
    let mut server = env.mcp();
    server.initialize();
    let done = server.call("files__write", json!({"path": "a.md", "content": "x"}));
    assert_eq!(done["isError"], json!(false), "{done}");
    let listed = json(env, &["execution", "list"]);
    let running = listed.as_array().unwrap().iter();
    let one = running.clone().find(|one| one["running"] == json!(true));
    let id = one.unwrap()["id"].as_str().unwrap().to_owned();
    // Killed, without a word to it.
    drop(server);
    id
}

#[test]
fn a_killed_hosts_execution_is_listed_as_interrupted_and_taken_up_by_another_process() {
    let env = env();
    let id = killed(&env);
    let shown = json(&env, &["execution", "show", &id]);
    assert_eq!(
        (&shown["interrupted"], &shown["running"], &shown["status"]),
        (&json!(true), &json!(false), &json!("active")),
        "{shown}"
    );
    let listed = env.run(&["execution", "list"]).exits(0).stdout;
    assert!(listed.contains("interrupted"), "{listed}");
    let resumed = env.run(&["execution", "resume", &id]).exits(0);
    for word in ["1 checkpoint(s)", "files__write", "its process ended"] {
        assert!(resumed.stdout.contains(word), "{}", resumed.stdout);
    }
    assert!(
        resumed.stderr.contains("--execution"),
        "it says how to go on:\n{}",
        resumed.stderr
    );
    let shown = json(&env, &["execution", "show", &id]);
    assert_eq!(
        (&shown["interrupted"], &shown["status"]),
        (&json!(false), &json!("kept")),
        "{shown}"
    );
    write(&env, "b.md", "y", &["--execution", &id]).exits(0);
    let log = json(&env, &["execution", "log", &id]);
    assert_eq!(log["checkpoints"].as_array().unwrap().len(), 2, "{log}");
    // One that was kept is taken up as well, and says the same.
    let again = json(&env, &["execution", "resume", &id]);
    assert_eq!(
        (&again["was_interrupted"], &again["last"]["number"]),
        (&json!(false), &json!(2)),
        "{again}"
    );
    env.fsck();
}

#[test]
fn an_interrupted_execution_is_gone_on_with_or_discarded_without_a_resume_too() {
    let env = env();
    let (one, other) = (killed(&env), killed(&env));
    write(&env, "b.md", "y", &["--execution", &one]).exits(0);
    let diff = env.run(&["execution", "diff", &one, "--stat"]).exits(0);
    assert_eq!(diff.stdout, "A a.md +1 -0\nA b.md +1 -0\n");
    let discarded = env.run(&["execution", "discard", &other]).exits(0).stdout;
    let kept = format!("refs/paracle/executions/{other}/discarded");
    assert!(discarded.contains(&kept), "{discarded}");
    assert_eq!(env.git(&["show", &format!("{kept}:a.md")]), "x");
}

#[test]
fn a_process_that_is_killed_before_its_first_checkpoint_leaves_an_execution_to_take_up() {
    let env = TestEnv::with_plugins(
        &["spin", "files"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    env.write("README.md", "uncommitted\n");
    let before = env.checkout();
    let mut process: Child = env
        .program_in("")
        .args(["run", "spin__spin", "--include-dirty", "--execution=stuck"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually(|| {
        let listed = json(&env, &["execution", "list"]);
        listed[0]["running"] == json!(true)
    });
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(env.checkout(), before);
    let found = json(&env, &["execution", "resume", "stuck"]);
    assert_eq!(found["was_interrupted"], json!(true), "{found}");
    assert_eq!(found["last"], Value::Null, "{found}");
    assert!(found["found"].to_string().contains("uncommitted work"));
    // Its base is there, whatever became of the checkout meanwhile.
    env.git(&["checkout", "--quiet", "--", "."]);
    env.git(&["gc", "--quiet", "--prune=now"]);
    let read = json(
        &env,
        &["run", "files__read", "path=README.md", "--execution=stuck"],
    );
    assert_eq!(
        read["reply"]["ok"]["structured"]["content"],
        "uncommitted\n"
    );
    env.fsck();
}

#[test]
fn resume_mends_what_is_missing_and_finds_what_was_kept() {
    let env = env();
    execution(&env, "mended", 2);
    let name = branch(&env, "mended");
    json(&env, &["execution", "rewind", "mended", "--to=1"]);
    let found = json(&env, &["execution", "resume", "mended"])["found"].to_string();
    assert!(
        found.contains("refs/paracle/executions/mended/rewound/1"),
        "{found}"
    );
    // Somebody removed its branch.
    env.git(&["branch", "--quiet", "--delete", "--force", &name]);
    env.git(&["gc", "--quiet", "--prune=now"]);
    let resumed = json(&env, &["execution", "resume", "mended"]);
    assert!(
        resumed["found"].to_string().contains("its branch was gone"),
        "{resumed}"
    );
    assert_eq!(
        env.git(&["rev-parse", &name]),
        env.git(&["rev-parse", "main"])
    );
    write(&env, "again.md", "x", &["--execution=mended"]).exits(0);
    // What was rewound is there still.
    let log = json(&env, &["execution", "log", "mended"]);
    let left = log["left"][0]["commit"].as_str().unwrap();
    json(&env, &["execution", "rewind", "mended", "--to", left]);
    assert_eq!(env.git(&["show", &format!("{name}:2.md")]), "x");
    refused(&env, &["execution", "resume", "absent"], 2, &["absent"]);
}

#[test]
fn a_merge_that_landed_before_its_process_could_say_so_is_found() {
    let env = env();
    execution(&env, "landed", 1);
    let state = env.git(&["rev-parse", "refs/paracle/executions/landed/state"]);
    json(&env, &["git", "merge", "landed"]);
    let merged = env.git(&["rev-parse", "main"]);
    // As a process leaves it that is killed between the two: the target moved, and the record is the old one.
    let set = |leaf: &str, to: &str| {
        let name = format!("refs/paracle/executions/landed/{leaf}");
        env.git(&["update-ref", &name, to.trim()]);
    };
    set("state", &state);
    set("merge", &merged);
    let resumed = json(&env, &["execution", "resume", "landed"]);
    assert_eq!(resumed["status"], "merged", "{resumed}");
    assert_eq!(resumed["merge_commit"], json!(merged.trim()), "{resumed}");
    let left = env.git(&["for-each-ref", "refs/paracle/executions/landed/merge"]);
    assert_eq!(left, "");
    refused(
        &env,
        &["execution", "resume", "landed"],
        2,
        &["merged already"],
    );
}
