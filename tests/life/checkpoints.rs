//! The calls of an execution, one after the other, and back to one of them.

use serde_json::{Value, json};

use super::work::{branch, env, execution, json, refused, write};

#[test]
fn each_call_is_a_checkpoint_with_number_tool_time_and_commit() {
    let env = env();
    execution(&env, "three", 3);
    let log = json(&env, &["execution", "log", "three"]);
    let checkpoints = log["checkpoints"].as_array().unwrap();
    let commits = env.git(&[
        "rev-list",
        "--reverse",
        &format!("main..{}", branch(&env, "three")),
    ]);
    assert_eq!(checkpoints.len(), 3, "{log}");
    for (at, (checkpoint, commit)) in checkpoints.iter().zip(commits.lines()).enumerate() {
        assert_eq!(checkpoint["number"], json!(at + 1), "{log}");
        assert_eq!(checkpoint["tool"], "files__write", "{log}");
        assert_eq!(checkpoint["commit"], json!(commit), "{log}");
        assert_eq!(checkpoint["changed"], json!(1), "{log}");
        let time = env.git(&["log", "-1", "--format=%ct", commit]);
        let time: i64 = time.trim().parse().unwrap();
        let said: jiff::Timestamp = checkpoint["time"].as_str().unwrap().parse().unwrap();
        assert_eq!(said.as_second(), time, "{log}");
        assert!(checkpoint["call"].is_string(), "{log}");
    }
    let text = env.run(&["execution", "log", "three"]).exits(0).stdout;
    for commit in commits.lines() {
        assert!(text.contains(commit), "{text}");
    }
    // A call that only reads is none.
    json(
        &env,
        &["run", "files__read", "path=1.md", "--execution", "three"],
    );
    let log = json(&env, &["execution", "log", "three"]);
    assert_eq!(log["checkpoints"].as_array().unwrap().len(), 3);
    refused(&env, &["execution", "log", "absent"], 2, &["absent"]);
}

#[test]
fn a_diff_is_a_patch_or_counts_of_lines_for_an_execution_or_a_checkpoint() {
    let env = env();
    execution(&env, "two", 1);
    write(&env, "README.md", "a\nb\n", &["--execution", "two"]).exits(0);
    let diff = |more: &[&str]| {
        env.run(&[&["execution", "diff", "two"], more].concat())
            .exits(0)
            .stdout
    };
    assert_eq!(diff(&["--stat"]), "A 1.md +1 -0\nM README.md +2 -1\n");
    assert_eq!(diff(&[]), diff(&["--patch"]));
    assert!(diff(&["--patch"]).contains("+++ b/1.md"));
    assert_eq!(diff(&["--stat", "--checkpoint=2"]), "M README.md +2 -1\n");
    assert!(!diff(&["--checkpoint=2"]).contains("1.md"));
    let counted = json(&env, &["execution", "diff", "two", "--stat"]);
    assert_eq!(
        counted["lines"][1],
        json!({"path": "README.md", "added": 2, "removed": 1})
    );
    env.run(&["execution", "diff", "two", "--stat", "--patch"])
        .exits(2);
    let absent = ["execution", "diff", "two", "--checkpoint=3"];
    refused(&env, &absent, 2, &["checkpoint 3", "to 2"]);
}

#[test]
fn rewinding_moves_the_branch_back_and_keeps_what_it_leaves_until_a_cleanup() {
    let env = env();
    execution(&env, "back", 3);
    let name = branch(&env, "back");
    let tip = env.git(&["rev-parse", &name]).trim().to_owned();
    let first = env
        .git(&["rev-parse", &format!("{name}~2")])
        .trim()
        .to_owned();
    let before = env.checkout();
    let said = env
        .run(&["execution", "rewind", "back", "--to", "1"])
        .exits(0)
        .stdout;
    let kept = "refs/paracle/executions/back/rewound/1";
    assert!(
        said.contains(kept) && said.contains("until `paracle-host git cleanup`"),
        "{said}"
    );
    assert_eq!(env.git(&["rev-parse", &name]).trim(), first);
    assert_eq!(env.git(&["rev-parse", kept]).trim(), tip);
    assert_eq!(env.checkout(), before);
    env.git(&["gc", "--quiet", "--prune=now"]);
    let log = json(&env, &["execution", "log", "back"]);
    assert_eq!(log["checkpoints"].as_array().unwrap().len(), 1, "{log}");
    assert_eq!(
        log["left"],
        json!([{"kept": kept, "commit": tip, "checkpoints": 2}])
    );
    // Calls go on from there.
    let read = ["run", "files__read", "path=3.md", "--execution", "back"];
    env.run(&read).exits(1);
    write(&env, "other.md", "x", &["--execution", "back"]).exits(0);
    assert_eq!(
        env.git(&["diff", "--name-only", "main", &name]),
        "1.md\nother.md\n"
    );
    // And what was left can be gone to again, by its commit.
    let again = json(&env, &["execution", "rewind", "back", "--to", &tip[..10]]);
    assert_eq!(again["commit"], json!(tip), "{again}");
    assert_eq!(env.git(&["rev-parse", &name]).trim(), tip);
    let there = json(&env, &["execution", "rewind", "back", "--to", "3"]);
    assert_eq!(there["kept"], Value::Null, "{there}");
    json(&env, &["execution", "rewind", "back", "--to", "0"]);
    assert_eq!(
        env.git(&["rev-parse", &name]),
        env.git(&["rev-parse", "main"])
    );
    json(&env, &["execution", "discard", "back"]);
    json(&env, &["git", "cleanup"]);
    assert_eq!(env.git(&["for-each-ref", "refs/paracle"]), "");
    env.fsck();
}

#[test]
fn rewinding_is_refused_where_it_would_surprise() {
    let env = env();
    execution(&env, "mine", 2);
    for to in ["3", "nope", "abcdef0", "-1"] {
        let to = format!("--to={to}");
        refused(
            &env,
            &["execution", "rewind", "mine", &to],
            2,
            &["has no checkpoint", "execution log mine"],
        );
    }
    refused(
        &env,
        &["execution", "rewind", "absent", "--to=0"],
        2,
        &["absent"],
    );
    // Under a checkout of the branch.
    let look = env.outside("look");
    let path = look.to_str().unwrap();
    json(&env, &["execution", "materialize", "mine", path]);
    refused(
        &env,
        &["execution", "rewind", "mine", "--to=1"],
        4,
        &[path, "git worktree remove"],
    );
    env.git(&["worktree", "remove", path]);
    // While a process has it open.
    let mut server = env.mcp();
    server.initialize();
    server.call("files__write", json!({"path": "a.md", "content": "x"}));
    let listed = json(&env, &["execution", "list"]);
    let open = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["running"] == json!(true));
    let open = open.unwrap()["id"].as_str().unwrap();
    for command in [
        ["execution", "rewind", open, "--to=0"].as_slice(),
        &["execution", "resume", open],
        &["execution", "materialize", open],
        &["execution", "discard", open],
    ] {
        refused(&env, command, 4, &["open in another process"]);
    }
    server.close();
    // Once it is settled.
    json(&env, &["git", "merge", "mine"]);
    for command in [
        ["execution", "rewind", "mine", "--to=0"].as_slice(),
        &["execution", "resume", "mine"],
        &["execution", "discard", "mine"],
    ] {
        refused(&env, command, 2, &["merged already"]);
    }
}

#[test]
fn what_was_rewound_outlives_a_cleanup_and_a_merge_of_nothing() {
    let env = env();
    execution(&env, "work", 2);
    env.run(&["execution", "rewind", "work", "--to", "0"])
        .exits(0);
    let cleaned = env.run(&["git", "cleanup"]).exits(0);
    assert!(cleaned.stdout.contains("rewound"), "{}", cleaned.stdout);
    env.run(&["git", "merge", "work"])
        .exits(4)
        .says(&["nothing to merge"]);
    let left = env.git(&["rev-parse", "refs/paracle/executions/work/rewound/1"]);
    env.run(&["execution", "rewind", "work", "--to", left.trim()])
        .exits(0);
    env.run(&["git", "merge", "work"]).exits(0);
}
