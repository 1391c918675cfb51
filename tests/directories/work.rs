//! What a plugin does there, and what it costs.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::tries::{attempt, both, call, fail, state, works};
use crate::common::TestEnv;

#[test]
pub(crate) fn std_fs_of_a_guest_works_on_a_granted_directory_as_on_the_git_tree() {
    let env = TestEnv::with_grants(
        &["fs-exercise"],
        "plugins: [{name: fs-exercise, grants: {workspace: read-write, directories: ['$BESIDE/open:/open:rw']}}]",
    );
    fs::create_dir(env.beside("open")).unwrap();
    let steps = |arguments: &[&str]| {
        let call = [&["run", "fs-exercise__exercise", "--json"], arguments].concat();
        let receipt = env.run(&call).exits(0).json();
        let steps = receipt["reply"]["ok"]["structured"]["steps"].clone();
        steps.as_array().unwrap().clone()
    };
    let (tree, disk) = (steps(&[]), steps(&["root=/open"]));
    assert!(disk.len() > 60 && tree.len() == disk.len());
    for (tree, disk) in tree.iter().zip(&disk) {
        assert_eq!(disk["ok"], true, "{disk}");
        assert_eq!(tree["step"], disk["step"]);
    }
    assert_eq!(state(&env.beside("open")), "");
}

#[test]
fn links_inside_work_and_circles_end() {
    let env = both();
    let open = env.beside("open");
    symlink("sub", open.join("in")).unwrap();
    symlink("in/../sub/./deep", open.join("far")).unwrap();
    symlink("round-b", open.join("round-a")).unwrap();
    symlink("round-a/", open.join("round-b")).unwrap();
    symlink("not-yet", open.join("dangling")).unwrap();
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/open/far"})),
        "deep"
    );
    assert_eq!(
        works(&env, &json!({"what": "read", "path": "/open/in/deep"})),
        "deep"
    );
    assert_eq!(
        works(&env, &json!({"what": "list", "path": "/open/in/"})),
        "deep"
    );
    assert_eq!(
        works(&env, &json!({"what": "lstat", "path": "/open/in"})),
        "link 3"
    );
    works(
        &env,
        &json!({"what": "write", "path": "/open/dangling", "with": "made"}),
    );
    assert_eq!(fs::read(open.join("not-yet")).unwrap(), b"made");
    fail(
        &env,
        &[
            json!({"what": "read", "path": "/open/round-a"}),
            json!({"what": "open-no-follow", "path": "/open/in"}),
        ],
        &[32],
    );
}

/// A guest with a directory of its own, and its limits.
fn limited(limits: &str) -> TestEnv {
    let env = TestEnv::with_grants(
        &["reach"],
        &format!(
            "plugins: [{{name: reach, limits: {{{limits}}}, grants: {{workspace: read-write, directories: ['$BESIDE/open:/open:rw']}}}}]"
        ),
    );
    fs::create_dir(env.beside("open")).unwrap();
    env
}

/// Expects that steps, all but the last of which work, end in a breach of a limit.
#[track_caller]
fn breaks(env: &TestEnv, limit: &str, steps: &Value) {
    let output = call(env, steps).exits(5);
    let error = &output.json()["error"];
    assert_eq!(error["limit"]["key"], limit, "{error}");
    let log = &output.stderr;
    assert!(log.contains("stays: /open: "), "{log}");
}

#[test]
fn what_is_written_to_a_directory_counts_against_the_limits_of_the_call() {
    // 512 KiB in the workspace leave as much for the directory.
    let full = [
        json!({"what": "fill", "path": "/workspace/a", "n": 128}),
        json!({"what": "fill", "path": "/open/a", "n": 128}),
    ];
    let env = limited("write_mib: 1");
    let receipt = call(&env, &json!(full)).exits(0).json();
    assert_eq!(receipt["usage"]["written"], 1 << 20, "{receipt}");
    assert_eq!(receipt["usage"]["files"], 2, "{receipt}");
    assert!(receipt["usage"]["handles"].as_u64() >= Some(2), "{receipt}");
    for more in [
        json!({"what": "append", "path": "/open/a", "with": "one more"}),
        json!({"what": "set-size", "path": "/open/a", "n": 10 << 20}),
        json!({"what": "write", "path": "/workspace/b", "with": "one more"}),
    ] {
        fs::remove_file(env.beside("open/a")).unwrap();
        // The guest would live with the error, and answer well.
        breaks(&env, "write_mib", &json!([full[0], full[1], more]));
        assert_eq!(fs::metadata(env.beside("open/a")).unwrap().len(), 512 << 10);
    }

    let full = [
        json!({"what": "write", "path": "/workspace/a"}),
        json!({"what": "make-directory", "path": "/open/a"}),
        json!({"what": "symbolic-link", "path": "/open/b", "with": "a"}),
    ];
    for more in [
        json!({"what": "write", "path": "/open/c"}),
        json!({"what": "make-directory", "path": "/open/d"}),
        json!({"what": "write", "path": "/workspace/b"}),
    ] {
        let env = limited("files: 3");
        // What was not made does not count.
        let taken = json!({"what": "make-directory", "path": "/open/a"});
        breaks(
            &env,
            "files",
            &json!([full[0], full[1], taken, full[2], more]),
        );
        assert_eq!(fs::read_dir(env.beside("open")).unwrap().count(), 2);
    }
}

#[test]
fn handles_of_a_call_are_bounded() {
    let env = both();
    let outcomes = attempt(
        &env,
        &json!([
            {"what": "hold", "path": "/open/kept", "n": 200},
            {"what": "read-held", "path": ""},
            {"what": "hold", "path": "/open/kept", "n": 5000},
        ]),
    );
    assert_eq!(outcomes[0]["ok"], true, "{outcomes:?}");
    assert_eq!(outcomes[1]["detail"], "as it was", "{outcomes:?}");
    assert_eq!(outcomes[2]["ok"], false, "{outcomes:?}");
}

#[test]
fn the_receipt_tells_what_was_done_in_a_granted_directory() {
    let env = both();
    let steps = json!([
        {"what": "write", "path": "/open/new", "with": "12345"},
        {"what": "remove", "path": "/open/kept"},
        {"what": "read", "path": "/shut/kept"},
    ]);
    let receipt = call(&env, &steps).exits(0).json();
    assert_eq!(
        receipt["directories"],
        json!([
            {"at": "/open", "access": "read-write", "changes": 2, "written_bytes": 5},
            {"at": "/shut", "access": "read-only", "changes": 0, "written_bytes": 0},
        ]),
        "{receipt}"
    );
    assert!(
        receipt["notes"].to_string().contains("/open: 2 changes"),
        "{receipt}"
    );
    // It is on no branch, and a failure of the tool does not take it back: the receipt says so.
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    let arguments = json!({"fail": true, "steps": [{"what": "write", "path": "/open/late"}]});
    let output = env.run(&["run", "reach__try", "--args", &arguments.to_string()]);
    drop(
        output
            .exits(1)
            .says(&["/open: 1 change and ", "no branch holds"]),
    );
    assert!(env.beside("open/late").exists());
    // A call that is stopped has no receipt: the log says it.
    let spin =
        json!({"steps": [{"what": "write", "path": "/open/later"}, {"what": "spin", "path": ""}]});
    let arguments = spin.to_string();
    let output = env.run(&["run", "reach__try", "--args", &arguments, "--time", "2000"]);
    drop(output.exits(5).says(&["stays: /open: 1 change and "]));
}

#[test]
fn times_are_set_where_writing_is_granted_and_strange_ones_harm_nobody() {
    let env = both();
    symlink("kept", env.beside("open/link")).unwrap();
    for (what, path) in [
        ("set-times", "/open/kept"),
        ("set-times", "/open/sub"),
        ("set-times-at", "/open/sub/deep"),
        ("set-times-at", "/open/link"),
    ] {
        works(&env, &json!({"what": what, "path": path, "n": 1_000_000}));
        assert_eq!(
            works(&env, &json!({"what": "modified", "path": path})),
            "1000000",
            "{path}"
        );
        // A host must not fall over what no calendar has.
        let strange = json!([{"what": what, "path": path, "n": i64::MAX}]);
        drop(attempt(&env, &strange));
    }
}

#[test]
fn the_files_sample_reaches_a_granted_directory_by_its_absolute_path() {
    let env = TestEnv::with_grants(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-write, directories: ['$BESIDE/notes:/notes:rw', '$BESIDE/shut:/shut:ro']}}]",
    );
    fs::create_dir_all(env.beside("notes/deep")).unwrap();
    fs::create_dir_all(env.beside("shut")).unwrap();
    fs::write(env.beside("shut/f"), "one\n").unwrap();
    let tool = |tool: &str, arguments: Value| {
        env.run(&["run", tool, "--args", &arguments.to_string(), "--json"])
    };
    let write = json!({"path": "/notes/deep/a.md", "content": "one\ntwo\n"});
    drop(tool("files__write", write).exits(0));
    let edit = json!({"path": "/notes/deep/../deep/a.md", "old": "two", "new": "2"});
    drop(tool("files__edit", edit).exits(0));
    assert_eq!(
        fs::read(env.beside("notes/deep/a.md")).unwrap(),
        b"one\n2\n"
    );
    let list = tool("files__list", json!({"path": "/notes", "depth": 2}))
        .exits(0)
        .json();
    assert!(list.to_string().contains("/notes/deep/a.md"), "{list}");
    let found = tool("files__search", json!({"path": "/shut", "pattern": "^one"}))
        .exits(0)
        .json();
    assert!(found.to_string().contains("/shut/f"), "{found}");
    let write = json!({"path": "/shut/f", "content": ""});
    drop(tool("files__write", write).exits(3).says(&["/shut:rw"]));
    for (name, arguments, words) in [
        (
            "move",
            json!({"from": "/notes/deep/a.md", "to": "a.md"}),
            "another grant",
        ),
        (
            "delete",
            json!({"path": "/notes", "recursive": true}),
            "what was granted itself",
        ),
        (
            "read",
            json!({"path": "/notes/../../etc/passwd"}),
            "leaves what was granted",
        ),
        (
            "read",
            json!({"path": "/etc/passwd"}),
            "leaves what was granted",
        ),
    ] {
        drop(
            tool(&format!("files__{name}"), arguments)
                .exits(1)
                .says(&[words]),
        );
    }
    drop(
        tool(
            "files__delete",
            json!({"path": "/notes/deep", "recursive": true}),
        )
        .exits(0),
    );
    assert_eq!(state(&env.beside("notes")), "");
}

#[test]
fn an_assistant_finds_the_granted_directories_by_listing() {
    let yaml = "plugins: [{name: files, grants: {workspace: read-only, directories: ['$BESIDE/notes:/notes:ro', '$BESIDE/work:/work:rw']}}]";
    let env = TestEnv::with_grants(&["files"], yaml);
    for name in ["notes", "work", "secret"] {
        fs::create_dir(env.beside(name)).unwrap();
        fs::write(env.beside(name).join("f"), "").unwrap();
    }
    let mut server = env.mcp();
    server.initialize();
    let listed = server.call("files__list", json!({}));
    let text = listed["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("README.md") && text.contains("/notes (read) /work (read and write)"),
        "{text}"
    );
    let beside = &listed["structuredContent"]["beside"];
    assert_eq!(
        *beside,
        json!([{"path": "/notes", "writable": false}, {"path": "/work", "writable": true}])
    );
    // What it names can be listed as it stands there.
    let notes = server.call("files__list", json!({"path": "/notes"}));
    assert_eq!(notes["structuredContent"]["entries"][0]["path"], "/notes/f");
    // Who asks for another place is told which there are, and nothing of whether that one is there.
    let mut said = |path: &str| {
        let answer = server.call("files__read", json!({"path": path}));
        assert_eq!(answer["isError"], true, "{answer}");
        answer["content"][0]["text"].to_string()
    };
    let outside = env.beside("secret/f");
    let outside = outside.to_str().unwrap();
    let (there, not) = (said(outside), said("/no/such/place"));
    for told in [&there, &not] {
        assert!(told.contains("`/notes`, `/work`"), "{told}");
    }
    assert_eq!(there.replace(outside, "/no/such/place"), not);
    for told in [listed.to_string(), there.replace(outside, ""), not] {
        let real = env.beside("");
        assert!(!told.contains(real.to_str().unwrap()), "{told}");
    }
}

#[test]
fn granted_directories_are_listed_where_there_is_no_workspace() {
    let yaml = "plugins: [{name: files, grants: {directories: ['$BESIDE/notes:/notes:ro']}}]";
    let env = TestEnv::with_grants(&["files"], yaml);
    fs::create_dir(env.beside("notes")).unwrap();
    let listed = env.run(&["run", "files__list"]).exits(0).stdout;
    assert!(listed.contains("/notes (read)"), "{listed}");
}
