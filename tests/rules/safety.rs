//! Rules 9, 10 and 12: nothing is collected, nothing runs in place, and a killed process loses nothing that was acknowledged.

use std::fs;

use serde_json::json;

use crate::life::{env, execution, json, write};

#[test]
fn r09_git_gc_takes_neither_a_base_nor_a_checkpoint_from_the_start_on() {
    let env = env();
    // A base that no branch has any more.
    env.git(&["switch", "--quiet", "--create", "short-lived"]);
    env.write("base.md", "only here\n");
    env.git(&["add", "base.md"]);
    env.git(&["commit", "--quiet", "--message=base"]);
    execution(&env, "held", 2);
    execution(&env, "given-up", 1);
    json(&env, &["execution", "discard", "given-up"]);
    env.git(&["switch", "--quiet", "main"]);
    env.git(&["branch", "--quiet", "--delete", "--force", "short-lived"]);
    // Not even the person's own word for the branch is needed: the base alone is held by the state.
    execution(&env, "bare", 1);
    let collect = || {
        env.git(&["reflog", "expire", "--expire=now", "--all"]);
        env.git(&["gc", "--quiet", "--prune=now"]);
    };
    collect();
    let log = json(&env, &["execution", "log", "held"]);
    for checkpoint in log["checkpoints"].as_array().unwrap() {
        let commit = checkpoint["commit"].as_str().unwrap();
        assert_eq!(
            env.git(&["show", &format!("{commit}:base.md")]),
            "only here\n"
        );
    }
    json(&env, &["execution", "rewind", "held", "--to=1"]);
    collect();
    let left = json(&env, &["execution", "log", "held"])["left"][0]["commit"].clone();
    let left = left.as_str().unwrap();
    assert_eq!(env.git(&["show", &format!("{left}:2.md")]), "x");
    let given_up = json(&env, &["execution", "show", "given-up"]);
    let tip = given_up["tip"].as_str().unwrap();
    assert_eq!(env.git(&["show", &format!("{tip}:1.md")]), "x");
    // With its branch gone, an execution is still listed, and resumed at its base.
    let branch = json(&env, &["execution", "show", "held"])["branch"].clone();
    env.git(&[
        "branch",
        "--quiet",
        "--delete",
        "--force",
        branch.as_str().unwrap(),
    ]);
    collect();
    json(&env, &["execution", "list"]);
    json(&env, &["execution", "resume", "held"]);
    let read = ["run", "files__read", "path=base.md", "--execution=held"];
    json(&env, &read);
    env.fsck();
}

#[test]
fn r10_where_isolation_cannot_be_had_it_is_an_error_and_nothing_runs_in_place() {
    // Each time there is a file where an execution needs a folder, which stops root too: for its lock, its state, its branch.
    for what in ["paracle/executions", "refs/paracle", "refs/heads/exec"] {
        let env = env();
        let file = env.repo().join(".git").join(what);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "a file").unwrap();
        env.write("README.md", "uncommitted\n");
        let files = || {
            let folder = env.repo();
            let names = [
                "README.md",
                "src/main.rs",
                "a.md",
                ".git/HEAD",
                ".git/index",
            ];
            names.map(|name| fs::read(folder.join(name)).ok())
        };
        let before = files();
        for more in [[].as_slice(), &["--include-dirty"], &["--from=main"]] {
            let said = write(&env, "a.md", "x", more);
            assert_ne!(said.status, 0, "{what}: {}", said.stdout);
            let error = said.json()["error"]["message"].to_string();
            assert!(error.contains(".git"), "{what} is not named: {error}");
            assert_eq!(files(), before, "{what}");
        }
    }
}

#[test]
fn r12_a_killed_process_leaves_a_whole_repository_and_every_acknowledged_checkpoint() {
    let env = env();
    env.write("README.md", "uncommitted\n");
    let before = env.checkout();
    let mut acknowledged = Vec::new();
    for round in 0..6 {
        let mut server = env.mcp();
        server.initialize();
        for call in 0..round {
            let path = format!("{round}-{call}.md");
            let done = server.call("files__write", json!({"path": path, "content": "x"}));
            let commit = &done["_meta"]["dev.paracle/receipt"]["commit"];
            acknowledged.push((commit.as_str().unwrap().to_owned(), path));
        }
        // Killed amid one more, at another instant each time.
        server.begin_call(
            "files__write",
            json!({"path": format!("{round}.md"), "content": "x"}),
        );
        std::thread::sleep(std::time::Duration::from_millis(3 * round));
        drop(server);
    }
    assert_eq!(env.checkout(), before);
    env.git(&["gc", "--quiet", "--prune=now"]);
    for (commit, path) in &acknowledged {
        assert_eq!(env.git(&["show", &format!("{commit}:{path}")]), "x");
    }
    let listed = json(&env, &["execution", "list"]);
    for (at, one) in listed.as_array().unwrap().iter().enumerate() {
        let id = one["id"].as_str().unwrap();
        assert_eq!(one["running"], json!(false), "{one}");
        if at % 2 == 0 {
            json(&env, &["execution", "resume", id]);
            write(&env, "more.md", "x", &["--execution", id]).exits(0);
        } else {
            json(&env, &["execution", "discard", id]);
        }
    }
    assert_eq!(env.checkout(), before);
    env.fsck();
}
