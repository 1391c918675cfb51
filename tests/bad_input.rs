//! Bad input: one clear sentence that says what, where and how to mend it; everything else goes on working.

use std::fs;

use crate::common::{Output, TestEnv, guest};

/// Expects a failed load that names the file and says these words, and `hello` still working beside it.
fn check(file: &str, bytes: &[u8], words: &[&str]) {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.write_bytes(&format!(".parac/plugins/{file}"), bytes);
    let load = env
        .run(&["plugin", "load"])
        .exits(2)
        .says(&[file])
        .says(words);
    assert_eq!(
        lines_about(&load, file),
        1,
        "one sentence:\n{}",
        load.stderr
    );
    env.run(&["plugin", "list"]).exits(0);
    let hello = env.run(&["run", "hello__greet", "name=Ada"]).exits(0);
    assert_eq!(hello.stdout, "Hello, Ada!\n");
}

fn lines_about(output: &Output, word: &str) -> usize {
    output
        .stderr
        .lines()
        .filter(|line| line.contains(word))
        .count()
}

/// A core module with nothing in it.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";
/// A component with nothing in it.
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

#[test]
fn a_file_that_is_no_component() {
    check(
        "text.wasm",
        b"#!/bin/sh\necho hello\n",
        &["not a WebAssembly component"],
    );
    check("empty.wasm", b"", &["not a WebAssembly component"]);
}

#[test]
fn a_core_module() {
    check("core.wasm", CORE_MODULE, &["core module", "wasm32-wasip2"]);
}

#[test]
fn a_component_of_another_world() {
    check(
        "other.wasm",
        EMPTY_COMPONENT,
        &["another world", "paracle:plugin/plugin@0.1.0"],
    );
}

#[test]
fn a_component_of_another_version_of_the_contract() {
    // The version is text of the same length in the component: one digit makes it another contract's.
    let bytes = replace_all(guest("hello"), b"@0.1.0", b"@0.9.0");
    check("newer.wasm", &bytes, &["0.9.0", "0.1.0"]);
}

#[test]
fn a_truncated_component() {
    let bytes = guest("hello");
    for part in [9, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        check("cut.wasm", &bytes[..part], &["cut short or damaged"]);
    }
}

#[test]
fn a_directory_in_the_place_of_a_component() {
    let env = TestEnv::with_plugins(&["hello"], "");
    fs::create_dir(env.repo().join(".parac/plugins/folder.wasm")).unwrap();
    env.run(&["plugin", "load"])
        .exits(2)
        .says(&["folder.wasm", "regular file"]);
    env.run(&["run", "hello__greet", "name=Ada"]).exits(0);
}

#[test]
fn a_name_twice() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.write_bytes(".parac/plugins/second.wasm", guest("hello"));
    env.run(&["plugin", "load"])
        .exits(2)
        .says(&["second.wasm", "hello.wasm", "remove one"]);
    env.run(&["run", "hello__greet", "name=Ada"]).exits(0);

    let env = TestEnv::with_plugins(&["hello"], "plugins:\n  - name: hello\n  - name: hello\n");
    env.run(&["plugin", "list"])
        .exits(2)
        .says(&["plugins.yaml:3:", "twice", "line 2"]);
}

#[test]
fn broken_yaml_is_named_with_file_line_and_column() {
    for (yaml, place) in [
        ("plugins:\n  - name: [hello\n", "plugins.yaml:"),
        (
            "plugins:\n  - name: hello\n    grnats: {}\n",
            "plugins.yaml:3:5",
        ),
        ("plugin: []\n", "plugins.yaml:1:1"),
        ("plugins: {}\n", "plugins.yaml:1:10: here belongs a list"),
        ("hello\n", "plugins.yaml:1:1: here belongs a map"),
        ("plugins:\n  - name: Hello World\n", "plugins.yaml:2:"),
        (
            "plugins:\n  - name: hello\n    grants: { workspace: everything }\n",
            "plugins.yaml:3:",
        ),
        (
            "plugins:\n  - name: hello\n    grants: { network: all }\n",
            "plugins.yaml:3:",
        ),
        (
            "plugins:\n  - name: hello\n    limits: { memory_mib: 999999 }\n",
            "plugins.yaml:3:",
        ),
        (
            "plugins:\n  - name: hello\n    limits: { time_ms: -1 }\n",
            "plugins.yaml:3:",
        ),
    ] {
        let env = TestEnv::with_plugins(&["hello"], yaml);
        let output = env
            .run(&["run", "hello__greet", "name=Ada"])
            .exits(2)
            .says(&[place]);
        assert_eq!(
            lines_about(&output, "plugins.yaml"),
            1,
            "{yaml}\n{}",
            output.stderr
        );
    }
    let env = TestEnv::with_plugins(&["hello"], "");
    env.write(".parac/config/git.yaml", "auto_merge: perhaps\n");
    env.run(&["run", "hello__greet", "name=Ada"])
        .exits(2)
        .says(&["git.yaml:1:"]);
}

#[test]
fn a_plugin_that_is_listed_and_nowhere() {
    let env = TestEnv::with_plugins(&["hello"], "plugins:\n  - name: hello\n  - name: nowhere\n");
    env.run(&["plugin", "load"])
        .exits(2)
        .says(&["nowhere", "line 3", "plugins.yaml"]);
    let env = TestEnv::with_plugins(
        &["hello"],
        "plugins:\n  - name: gone\n    path: no/such/file.wasm\n",
    );
    env.run(&["plugin", "load"]).exits(2).says(&["file.wasm"]);
}

#[test]
fn an_unknown_tool_or_plugin() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.run(&["run", "hello__grete", "name=Ada"])
        .exits(2)
        .says(&["grete", "greet"]);
    env.run(&["run", "nobody__greet", "name=Ada"])
        .exits(2)
        .says(&["nobody", "hello"]);
    env.run(&["run", "greet", "name=Ada"])
        .exits(2)
        .says(&["two underscores"]);
}

#[test]
pub(crate) fn a_tool_whose_plugin_could_not_be_loaded_says_why() {
    let env = TestEnv::with_plugins(&["future"], "");
    env.run(&["run", "future__anything"])
        .exits(2)
        .says(&[">=99"]);
}

#[test]
fn arguments_that_do_not_fit() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.run(&["run", "hello__greet"])
        .exits(2)
        .says(&["name", "required"]);
    env.run(&["run", "hello__greet", "--args", r#"{"name": 7}"#])
        .exits(2)
        .says(&["/name", "string"]);
    env.run(&["run", "hello__greet", "--args", "{"])
        .exits(2)
        .says(&["JSON"]);
    env.run(&["run", "hello__greet", "--args", "[]"])
        .exits(2)
        .says(&["object"]);
    env.run(&["run", "hello__greet", "nonsense"]).exits(2);
}

#[test]
fn a_folder_that_is_no_repository() {
    let env = TestEnv::bare_folder();
    env.install(
        &["files", "hello"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    let run = |arguments: &[&str]| env.run(arguments);
    run(&["run", "files__write", "path=a", "content=b"])
        .exits(2)
        .says(&["repository", "git init"]);
    run(&["git", "branches"]).exits(2).says(&["repository"]);
    run(&["execution", "list"]).exits(2).says(&["repository"]);
    run(&["run", "hello__greet", "name=Ada"]).exits(0);
    run(&["--repo", "no/such/folder", "plugin", "list"])
        .exits(2)
        .says(&["no/such/folder"]);
}

#[test]
fn unknown_flags_and_commands_are_usage_errors() {
    let env = TestEnv::new();
    for arguments in [
        ["nonsense"].as_slice(),
        &["run"],
        &["plugin", "list", "--type", "nonsense"],
        &["mcp", "serve", "--nonsense"],
    ] {
        env.run(arguments).exits(2);
    }
}

#[test]
fn an_execution_that_is_none() {
    let env = TestEnv::with_plugins(&["hello"], "");
    for verb in ["show", "diff", "discard"] {
        env.run(&["execution", verb, "nobody"])
            .exits(2)
            .says(&["nobody"]);
    }
    env.run(&["git", "merge", "main"]).exits(2).says(&["main"]);
    env.run(&["git", "merge", "exec/no/such"]).exits(2);
}

fn replace_all(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while at + from.len() <= bytes.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        at += 1;
    }
    bytes
}

#[test]
fn a_configuration_that_is_no_file_is_not_read_to_its_end() {
    // A repository may bring links to anything, and pipes.
    let env = TestEnv::new();
    std::fs::create_dir_all(env.repo().join(".parac/config")).unwrap();
    let file = env.repo().join(".parac/config/plugins.yaml");
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    env.run(&["plugin", "list"])
        .exits(2)
        .says(&["plugins.yaml", "no regular file"]);
}
