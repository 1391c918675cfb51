//! The sandbox's promises, each as far as the foundation goes.

use serde_json::json;

use crate::common::TestEnv;

#[test]
pub(crate) fn a_plugin_without_a_workspace_grant_has_no_file_system() {
    let env = TestEnv::with_plugins(&["shadow"], "plugins: [{name: shadow}]");
    let readme = env.repo().join("README.md");
    for path in [
        "/workspace/README.md",
        "/etc/passwd",
        "README.md",
        "/",
        "..",
        readme.to_str().unwrap(),
    ] {
        for tool in ["try_read", "try_list"] {
            let receipt = env
                .run(&[
                    "run",
                    &format!("shadow__{tool}"),
                    &format!("path={path}"),
                    "--json",
                ])
                .exits(0)
                .json();
            let outcome = &receipt["reply"]["ok"]["structured"];
            assert_eq!(outcome["ok"], json!(false), "{tool} {path}: {receipt}");
        }
        let receipt = env
            .run(&[
                "run",
                "shadow__try_write",
                &format!("path={path}"),
                "--json",
            ])
            .exits(0)
            .json();
        assert_eq!(
            receipt["reply"]["ok"]["structured"]["ok"],
            json!(false),
            "{receipt}"
        );
    }
}

#[test]
fn a_plugin_that_asks_for_files_without_a_grant_is_told_the_line_to_add() {
    let env = TestEnv::with_plugins(&["files"], "plugins: [{name: files}]");
    env.run(&["run", "files__read", "path=README.md"])
        .exits(3)
        .says(&[
            "files",
            "file-access",
            "workspace: read-write",
            "plugins.yaml",
        ]);
}

#[test]
fn a_read_only_grant_cannot_be_written() {
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-only}}]",
    );
    env.run(&["run", "files__read", "path=README.md"]).exits(0);
    for arguments in [
        ["files__write", "path=README.md", "content=x"].as_slice(),
        &["files__write", "path=new.md", "content=x"],
        &["files__move", "from=README.md", "to=x.md"],
        &["files__delete", "path=README.md"],
    ] {
        env.run(&[&["run"], arguments].concat()).exits(3).says(&[
            "read-only",
            "`workspace: read-write`",
            "plugins.yaml",
        ]);
    }
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
}

#[test]
fn reading_a_folder_says_that_it_is_one() {
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-only}}]",
    );
    env.run(&["run", "files__read", "path=src"])
        .exits(1)
        .says(&["`src`", "it is a folder"]);
}

#[test]
pub(crate) fn std_fs_of_a_guest_works_on_the_git_tree() {
    let env = TestEnv::with_plugins(
        &["fs-exercise"],
        "plugins: [{name: fs-exercise, grants: {workspace: read-write}}]",
    );
    let receipt = env
        .run(&["run", "fs-exercise__exercise", "--json"])
        .exits(0)
        .json();
    let steps = receipt["reply"]["ok"]["structured"]["steps"]
        .as_array()
        .unwrap()
        .clone();
    assert!(steps.len() > 60, "{receipt}");
    for step in steps {
        assert_eq!(step["ok"], json!(true), "{step}");
    }
}

#[test]
pub(crate) fn a_guest_that_crashes_gives_a_sentence_and_keeps_nothing() {
    let env = TestEnv::with_plugins(&["crash"], "plugins: [{name: crash}]");
    env.run(&["run", "crash__panic"])
        .exits(1)
        .says(&["crashed", "on purpose"]);
    env.run(&["run", "crash__abort"])
        .exits(1)
        .says(&["crashed"]);
    env.run(&["run", "crash__exit"])
        .exits(1)
        .says(&["exited with code"]);
}

#[test]
pub(crate) fn a_call_that_spins_is_stopped_by_its_deadline() {
    let env = TestEnv::with_plugins(&["spin"], "plugins: [{name: spin, limits: {time_ms: 200}}]");
    env.run(&["run", "spin__spin"])
        .exits(5)
        .says(&["time limit of 200 ms", "time_ms"]);
    // In a host call, too, and by the caller's own word.
    env.run(&["run", "spin__sleep", "ms=60000"]).exits(5);
    env.run(&["run", "spin__sleep", "ms=60000", "--time", "50"])
        .exits(5)
        .says(&["deadline of 50 ms"]);
    env.run(&["run", "spin__sleep", "ms=1"]).exits(0);
}

#[test]
pub(crate) fn memory_is_limited_and_the_error_names_the_key() {
    let env = TestEnv::with_plugins(
        &["hungry"],
        "plugins: [{name: hungry, limits: {memory_mib: 32}}]",
    );
    env.run(&["run", "hungry__allocate", "mib=8"]).exits(0);
    env.run(&["run", "hungry__allocate", "mib=64"])
        .exits(5)
        .says(&["32 MiB", "memory_mib"]);
}

#[test]
fn a_plugin_asks_only_the_models_that_it_was_granted() {
    let plugins = &["caller", "scripted"];
    let scripted = "{name: scripted, config: {turns: [{when: weather, say: It rains.}]}}";
    let ask = |grants: &str, arguments: &[&str]| {
        let env = TestEnv::with_plugins(
            plugins,
            &format!("plugins: [{{name: caller, grants: {grants}}}, {scripted}]"),
        );
        let call = ["run", "caller__ask", "prompt=How is the weather?", "--json"].as_slice();
        env.run(&[call, arguments].concat()).exits(0).json()["reply"]["ok"]["structured"].clone()
    };
    let answer = ask("{completions: [scripted]}", &[]);
    assert_eq!(answer["detail"], "It rains.", "{answer}");
    let answer = ask("{completions: [scripted]}", &["provider=scripted"]);
    assert_eq!(answer["detail"], "It rains.", "{answer}");
    for (grants, arguments) in [
        ("{}", [].as_slice()),
        ("{}", &["provider=scripted"]),
        ("{completions: [another]}", &["provider=scripted"]),
    ] {
        let denied = ask(grants, arguments);
        assert_eq!(denied["outcome"], "permission", "{denied}");
        assert!(
            denied["fix"].as_str().unwrap().contains("completions:"),
            "{denied}"
        );
    }
}

#[test]
pub(crate) fn a_plugin_gains_nothing_by_calling_another() {
    let plugins = &["caller", "hello", "files"];
    let relay = |env: &TestEnv, tool: &str, arguments: &str| {
        env.run(&[
            "run",
            "caller__relay",
            &format!("tool={tool}"),
            &format!("arguments={arguments}"),
            "--json",
        ])
        .exits(0)
        .json()["reply"]["ok"]["structured"]
            .clone()
    };
    let hello = r#"{"name":"Ada"}"#;
    let write = r#"{"path":"x","content":"y"}"#;

    // Without the grant: refused, with the line to add.
    let env = TestEnv::with_plugins(plugins, "plugins: [{name: caller}]");
    let denied = relay(&env, "hello__greet", hello);
    assert_eq!(denied["outcome"], "permission", "{denied}");
    assert!(
        denied["fix"].as_str().unwrap().contains("tools:"),
        "{denied}"
    );

    // With the grant: only what it names.
    let env = TestEnv::with_plugins(
        plugins,
        "plugins: [{name: caller, grants: {tools: [hello__greet]}}, {name: files, grants: {workspace: read-write}}]",
    );
    assert_eq!(relay(&env, "hello__greet", hello)["outcome"], "ok");
    let denied = relay(&env, "files__write", write);
    assert_eq!(denied["outcome"], "permission", "{denied}");
    assert!(
        denied["fix"].as_str().unwrap().contains("files__write"),
        "{denied}"
    );

    // What the caller has not, the called has not either: `caller` has no workspace, so `files` gets none.
    let env = TestEnv::with_plugins(
        plugins,
        "plugins: [{name: caller, grants: {tools: ['*']}}, {name: files, grants: {workspace: read-write}}]",
    );
    let denied = relay(&env, "files__write", write);
    assert_eq!(denied["outcome"], "permission", "{denied}");
    let fix = denied["fix"].as_str().unwrap();
    assert!(
        fix.contains("workspace: read-write") && fix.contains("of caller"),
        "{denied}"
    );
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
}
