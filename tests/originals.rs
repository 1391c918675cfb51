//! Where the original breaks: each line of the list is a test with that name.

use std::fs;

use serde_json::json;

use crate::common::{TestEnv, guest};

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// Runs `files__write` and returns its receipt.
fn write(env: &TestEnv, path: &str, more: &[&str]) -> serde_json::Value {
    let path = format!("path={path}");
    let arguments = [
        ["run", "files__write", &path, "content=x", "--json"].as_slice(),
        more,
    ]
    .concat();
    env.run(&arguments).exits(0).json()
}

#[test]
fn n01_two_executions_do_not_share_a_working_tree() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let (a, b) = std::thread::scope(|scope| {
        let a = scope.spawn(|| write(&env, "a.md", &[]));
        let b = scope.spawn(|| write(&env, "b.md", &[]));
        (a.join().unwrap(), b.join().unwrap())
    });
    for (receipt, own) in [(&a, "a.md"), (&b, "b.md")] {
        let branch = receipt["branch"].as_str().unwrap();
        let changed = env.git(&["diff", "--name-only", "main", branch]);
        assert_eq!(changed.trim(), own, "{receipt}");
    }
    // Merging the one deletes nothing of the other.
    env.run(&["git", "merge", a["branch"].as_str().unwrap()])
        .exits(0);
    env.run(&["git", "cleanup"]).exits(0);
    let b = b["branch"].as_str().unwrap();
    assert!(env.git(&["branch", "--list", "exec/*"]).contains(b));
    env.fsck();
}

#[test]
fn n02_uncommitted_work_is_not_swept_into_the_agents_commit() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    env.write("src/main.rs", "fn main() { /* mine */ }\n");
    env.write("mine.txt", "mine\n");
    env.write("staged.txt", "staged\n");
    env.git(&["add", "staged.txt"]);
    let before = env.checkout();
    let receipt = write(&env, "theirs.md", &[]);
    assert_eq!(env.checkout(), before);
    let branch = receipt["branch"].as_str().unwrap();
    assert_eq!(
        env.git(&["diff", "--name-only", "main", branch]).trim(),
        "theirs.md"
    );
    // Nor where the person asks for it to be seen: it is a base of its own, and never in a commit of the agent's.
    let receipt = write(&env, "theirs.md", &["--include-dirty"]);
    assert_eq!(env.checkout(), before);
    let tip = receipt["commits"][0].as_str().unwrap();
    assert_eq!(
        env.git(&["diff-tree", "-r", "--name-only", "--no-commit-id", tip])
            .trim(),
        "theirs.md"
    );
}

#[test]
fn n03_a_conflict_does_not_leave_the_repository_mid_merge() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = write(&env, "README.md", &[]);
    env.write("README.md", "ours\n");
    env.git(&["commit", "--quiet", "--all", "--message=ours"]);
    env.run(&["git", "merge", receipt["branch"].as_str().unwrap()])
        .exits(4);
    for file in ["MERGE_HEAD", "MERGE_MSG", "index.lock"] {
        assert!(!env.repo().join(".git").join(file).exists(), "{file}");
    }
    write(&env, "later.md", &[]);
}

#[test]
fn n04_a_repository_without_a_remote_can_start() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    assert_eq!(env.git(&["remote"]), "");
    assert!(write(&env, "a.md", &[])["branch"].is_string());
}

#[test]
fn n05_a_failed_run_leaves_head_where_it_was_and_nothing_behind() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let before = env.checkout();
    env.run(&[
        "run",
        "files__edit",
        "path=README.md",
        "old=absent",
        "new=x",
    ])
    .exits(1);
    assert_eq!(env.checkout(), before);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    // What went well before is taken back on demand, and HEAD has no part in that either.
    write(&env, "good.md", &["--execution=half"]);
    write(&env, "bad.md", &["--execution=half"]);
    env.run(&["execution", "rewind", "half", "--to=1"]).exits(0);
    let changed = env.run(&["execution", "diff", "half", "--stat"]).exits(0);
    assert_eq!(changed.stdout, "A good.md +1 -0\n");
    assert_eq!(env.checkout(), before);
}

#[test]
fn n06_ids_do_not_collide_and_bad_ones_do_not_reach_git() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    // The same second, many executions: each has its own branch.
    let branches: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|n| {
                let env = &env;
                scope.spawn(move || {
                    write(env, &format!("{n}.md"), &[])["branch"]
                        .as_str()
                        .unwrap()
                        .to_owned()
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let unique: std::collections::BTreeSet<_> = branches.iter().collect();
    assert_eq!(unique.len(), branches.len(), "{branches:?}");

    // The same id, at once: whoever is second is told so, or goes on with it; no commit is lost.
    let ended: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|n| {
                let (env, path) = (&env, format!("path=same-{n}.md"));
                let run = ["run", "files__write", "content=x", "--execution=same"];
                scope.spawn(move || env.run(&[&run[..], &[&path]].concat()).status)
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let done = ended.iter().filter(|code| **code == 0).count();
    assert!(
        done > 0 && ended.iter().all(|code| matches!(code, 0 | 4)),
        "{ended:?}"
    );
    let log = env.run(&["execution", "log", "same", "--json"]).exits(0);
    assert_eq!(log.json()["checkpoints"].as_array().unwrap().len(), done);

    for id in [
        "..",
        "a/b",
        "-x",
        "a b",
        "",
        ".hidden",
        "a.lock",
        "a\u{202e}b",
    ] {
        for command in ["show", "log", "diff", "resume", "discard", "materialize"] {
            env.run(&["execution", command, "--", id]).exits(2);
        }
        env.run(&["execution", "rewind", "--to=0", "--", id])
            .exits(2);
        let id = format!("--execution={id}");
        env.run(&["run", "files__write", "path=a", "content=b", &id])
            .exits(2)
            .says(&["execution"]);
    }
    // A start from a subdirectory works, and means the same repository.
    let receipt = env
        .run_in(
            "src",
            &["run", "files__write", "path=top.md", "content=x", "--json"],
        )
        .exits(0)
        .json();
    assert_eq!(receipt["changed"][0]["path"], "top.md");
}

#[test]
fn n07_cleanup_leaves_running_and_unmerged_executions_alone() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let mut server = env.mcp();
    server.initialize();
    let result = server.call("files__write", json!({"path": "a.md", "content": "x"}));
    assert_eq!(result["isError"], json!(false), "{result}");
    let kept = write(&env, "b.md", &[]);
    let before = env.git(&["branch", "--list", "exec/*"]);
    assert_eq!(before.lines().count(), 2, "{before}");
    env.run(&["git", "cleanup"]).exits(0);
    env.run(&["git", "cleanup", "--days", "0"]).exits(0);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), before);
    // A merged one goes.
    let branch = kept["branch"].as_str().unwrap();
    env.git(&["merge", "--quiet", "--no-edit", branch]);
    // But not before its time.
    env.run(&["git", "cleanup", "--days", "1"]).exits(0);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), before);
    env.run(&["git", "cleanup", "--days", "0"]).exits(0);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]).lines().count(), 1);
    server.close();
}

#[test]
fn n08_another_process_sees_resumes_and_discards_an_execution() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let mut server = env.mcp();
    server.initialize();
    server.call("files__write", json!({"path": "a.md", "content": "x"}));
    let listed = env.run(&["execution", "list", "--json"]).exits(0).json();
    let text = listed.to_string();
    assert!(text.contains("\"running\":true"), "{text}");
    // A server that dies leaves its execution listed, and anyone can discard it.
    drop(server);
    let listed = env.run(&["execution", "list", "--json"]).exits(0).json();
    let execution = &listed[0];
    assert_eq!(execution["running"], json!(false), "{listed}");
    let id = execution["id"].as_str().unwrap();
    let diff = env.run(&["execution", "diff", id]).exits(0).stdout;
    assert!(diff.contains("a.md"), "{diff}");
    // Or take it up again, and go on.
    env.run(&["execution", "resume", id]).exits(0);
    write(&env, "b.md", &["--execution", id]);
    let log = env.run(&["execution", "log", id, "--json"]).exits(0).json();
    assert_eq!(log["checkpoints"].as_array().unwrap().len(), 2, "{log}");
    env.run(&["execution", "discard", id]).exits(0);
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    env.run(&["git", "cleanup"]).exits(0);
    assert_eq!(env.git(&["for-each-ref", "refs/paracle"]), "");
}

#[test]
fn n09_the_plugin_commands_are_there_and_each_process_finds_the_plugins() {
    let env = TestEnv::with_plugins(&["hello", "files"], FILES);
    for _ in 0..2 {
        let listed = env
            .run(&["plugin", "list", "--json"])
            .exits(0)
            .json()
            .to_string();
        assert!(
            listed.contains("\"hello\"") && listed.contains("\"files\""),
            "{listed}"
        );
    }
    for command in [
        ["plugin", "show", "hello"].as_slice(),
        &["plugin", "health"],
        &["plugin", "load"],
        &["plugin", "load", "--source", "directory"],
        &["plugin", "reload", "hello"],
        &["plugin", "stats"],
    ] {
        env.run(command).exits(0);
    }
}

#[test]
fn n10_reload_finds_the_file_again_and_a_failed_one_says_so() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.run(&["plugin", "reload", "hello"]).exits(0);
    env.run(&["plugin", "reload", "hello"]).exits(0);
    // The name is the plugin's own, whatever the file is called.
    let folder = env.repo().join(".parac/plugins");
    fs::rename(folder.join("hello.wasm"), folder.join("another-name.wasm")).unwrap();
    env.run(&["plugin", "reload", "hello"]).exits(0);
    fs::write(folder.join("another-name.wasm"), b"broken").unwrap();
    env.run(&["plugin", "reload", "hello"])
        .exits(2)
        .says(&["another-name.wasm"]);
}

#[test]
pub(crate) fn n11_a_version_that_is_none_a_host_that_is_too_old_and_a_missing_value_are_refused() {
    let env = TestEnv::with_plugins(
        &["bad-meta", "future", "needs-config", "hello"],
        "plugins: [{name: needs-config, config: {}}]",
    );
    env.run(&["plugin", "load"])
        .exits(2)
        .says(&["not-semver", ">=99", "key"]);
    // The others go on working.
    env.run(&["run", "hello__greet", "name=Ada"]).exits(0);
    // And with its value, the plugin works.
    let env = TestEnv::with_plugins(
        &["needs-config"],
        "plugins: [{name: needs-config, config: {key: here}}]",
    );
    let shown = env.run(&["run", "needs-config__show"]).exits(0).stdout;
    assert!(shown.contains("here"), "{shown}");
}

#[test]
fn n12_a_plugin_in_the_directory_and_in_the_config_is_loaded_once_and_an_empty_file_is_fine() {
    let env = TestEnv::with_plugins(
        &["hello"],
        "plugins: [{name: hello, path: plugins/hello.wasm}]",
    );
    let listed = env
        .run(&["plugin", "list", "--json"])
        .exits(0)
        .json()
        .to_string();
    assert_eq!(listed.matches("\"name\":\"hello\"").count(), 1, "{listed}");
    env.run(&["plugin", "load"]).exits(0);
    for empty in [
        "",
        "\n",
        "# nothing yet\n",
        "plugins:\n",
        "plugins: []\n",
        "---\n",
    ] {
        env.write(".parac/config/plugins.yaml", empty);
        env.run(&["plugin", "load"]).exits(0);
    }
}

#[test]
fn n13_observers_are_called_and_capabilities_are_enforced() {
    let env = TestEnv::with_plugins(&["counter", "hello"], "");
    let output = env.run(&["run", "hello__greet", "name=Ada", "-v"]).exits(0);
    for event in [
        "execution-started 1",
        "step-started 1",
        "step-completed 1",
        "execution-completed 1",
    ] {
        assert!(output.stderr.contains(event), "{event}:\n{}", output.stderr);
    }
    // `shadow` does not declare `file-access`: the operator's grant gives it nothing.
    let env = TestEnv::with_plugins(
        &["shadow"],
        "plugins: [{name: shadow, grants: {workspace: read-write}}]",
    );
    let receipt = env
        .run(&[
            "run",
            "shadow__try_read",
            "path=/workspace/README.md",
            "--json",
        ])
        .exits(0)
        .json();
    assert_eq!(
        receipt["reply"]["ok"]["structured"]["ok"],
        json!(false),
        "{receipt}"
    );
    assert_eq!(receipt["grant"]["workspace"], "none", "{receipt}");
}

#[test]
fn n14_mcp_answers_an_unknown_method_with_an_error_and_notifications_with_nothing() {
    let env = TestEnv::new();
    env.write_bytes(".parac/plugins/hello.wasm", guest("hello"));
    let mut server = env.mcp();
    server.initialize();
    let reply = server.request("no/such/method", json!({}));
    assert_eq!(reply["error"]["code"], json!(-32601), "{reply}");
    server.send(&json!({"jsonrpc": "2.0", "method": "notifications/no/such"}));
    server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}}));
    // The next line answers the next request, so nothing was said in between.
    let reply = server.request("ping", json!({}));
    assert_eq!(reply["result"], json!({}), "{reply}");
    server.close();
}
