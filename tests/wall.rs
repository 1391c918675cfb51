//! The second wall: what the process itself cannot do, and what it says of that. These need a kernel with Landlock.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use landlock::{AccessFs, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _};
use serde_json::{Value, json};

use crate::common::{McpServer, Output, TestEnv, guest};

const FILES: &str = "plugins:\n  - name: files\n    grants: {workspace: read-write}\n";

fn states(wall: &Value) -> &str {
    wall["state"].as_str().unwrap()
}

#[test]
fn the_wall_keeps_the_process_from_reading_outside_of_what_it_needs() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let secret = env.outside("secret");
    fs::write(&secret, "a secret, and no component").unwrap();
    symlink(&secret, env.repo().join(".parac/plugins/thief.wasm")).unwrap();

    // Without a wall the file is read, and found to be no component.
    env.run(&["run", "--wall", "off", "thief__x"])
        .exits(2)
        .says(&["thief.wasm", "is not a WebAssembly component"]);
    env.run(&["run", "--wall", "required", "thief__x"])
        .exits(2)
        .says(&["thief.wasm cannot be read: Permission denied"]);
    env.run(&["run", "--wall", "required", "hello__greet", "name=Ada"])
        .exits(0);
}

#[test]
fn no_thread_of_the_process_finds_a_way_out() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let found = env.run(&["doctor", "--json"]).exits(0).json();
    let checks = found["checks"].as_array().unwrap();
    let wall = checks.iter().find(|check| check["name"] == "second wall");
    let detail = &wall.unwrap()["detail"];
    assert_eq!(detail["open"], json!([]), "{found}");
    assert_eq!(detail["shut"], json!([]), "{found}");
    assert_eq!(detail["threads"].as_array().unwrap().len(), 4, "{found}");
    let ways = detail["ways"].to_string();
    for way in [
        "read a file outside",
        "read a file outside by a program",
        "list a folder outside",
        "write outside",
        "write to the home directory",
    ] {
        assert!(
            ways.contains(&format!("{way:?}")),
            "{way} was not tried: {found}"
        );
    }
    let state = detail["state"].as_str().unwrap();
    if state.contains("tcp") {
        assert!(ways.contains("connect to a TCP port") && ways.contains("listen on a TCP port"));
    }
    if state.contains("sockets") {
        assert!(ways.contains("connect to an abstract socket"));
    }
    if state.contains("signals") {
        assert!(ways.contains("signal another process"));
    }
    assert!(
        fs::read_dir(env.home()).unwrap().flatten().all(|entry| {
            let name = entry.file_name().into_string().unwrap();
            name == ".cache" || name == ".config"
        }),
        "the trial left something in the home directory"
    );
}

#[test]
fn the_receipt_says_whether_the_wall_stands() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let receipt = |mode| {
        let arguments = ["run", "hello__greet", "name=Ada", "--json", "--wall", mode];
        env.run(&arguments).exits(0).json()["wall"].clone()
    };
    let wall = receipt("required");
    assert_eq!(states(&wall), "enforced");
    assert!(wall["landlock"].as_u64().unwrap() >= 2, "{wall}");
    assert_eq!(wall["confines"][0], "files", "{wall}");
    assert_eq!(states(&receipt("auto")), "enforced");
    assert_eq!(receipt("off"), json!({"state": "off"}));

    let mut mcp = env.mcp();
    mcp.initialize();
    let result = mcp.call("hello__greet", json!({"name": "Ada"}));
    let wall = &result["_meta"]["dev.paracle/receipt"]["wall"];
    assert_eq!(states(wall), "enforced", "{result}");
    mcp.close();
}

/// Runs a program inside sixteen walls, which is as many as a kernel builds around one process.
fn crowded(mut command: Command) -> Output {
    std::thread::spawn(move || {
        for _ in 0..16 {
            // Of all rights one that nobody here uses.
            Ruleset::default()
                .handle_access(AccessFs::MakeBlock)
                .and_then(Ruleset::create)
                .and_then(|ruleset| ruleset.no_new_privs(true).restrict_self())
                .unwrap();
        }
        command.output().unwrap().into()
    })
    .join()
    .unwrap()
}

fn greeting(env: &TestEnv, wall: &[&str]) -> Output {
    let mut command = env.program_in("");
    command
        .args(["run", "hello__greet", "name=Ada", "--json"])
        .args(wall);
    crowded(command)
}

#[test]
fn required_refuses_where_it_cannot() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let refused = greeting(&env, &["--wall", "required"]).exits(2).says(&[
        "the second wall is required and cannot be had: the kernel refuses it",
        "--wall auto",
    ]);
    assert!(refused.json().get("reply").is_none(), "the tool ran");

    let mut command = env.program_in("");
    command.args(["mcp", "serve", "--wall", "required"]);
    crowded(command).exits(2).says(&["cannot be had"]);
}

#[test]
fn auto_goes_on_where_it_cannot_and_says_so_once() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let went_on = greeting(&env, &[]).exits(0);
    let wall = &went_on.json()["wall"];
    assert_eq!(states(wall), "missing");
    assert!(
        wall["why"]
            .as_str()
            .unwrap()
            .contains("the kernel refuses it")
    );
    assert_eq!(
        went_on.stderr.matches("no second wall").count(),
        1,
        "{went_on:?}"
    );
    let silent = greeting(&env, &["--wall", "off"]).exits(0);
    assert!(!silent.stderr.contains("wall"), "{silent:?}");
}

#[test]
fn the_persons_own_configuration_sets_the_mode_and_the_flag_wins() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let own = env.home().join(".config/paracle-host");
    fs::create_dir_all(&own).unwrap();
    let state = |flag: &[&str]| {
        let arguments = [&["run", "hello__greet", "name=Ada", "--json"], flag].concat();
        let receipt = env.run(&arguments).exits(0).json();
        states(&receipt["wall"]).to_owned()
    };
    fs::write(own.join("config.yaml"), "wall: off\n").unwrap();
    assert_eq!(state(&[]), "off");
    assert_eq!(state(&["--wall", "auto"]), "enforced");
    fs::write(own.join("config.yaml"), "wall: required\n").unwrap();
    assert_eq!(state(&[]), "enforced");
    greeting(&env, &[]).exits(2).says(&["is required"]);
    for (text, place) in [
        ("wall: on\n", "config.yaml:1:7"),
        ("\nwalls: off\n", "config.yaml:2:1"),
    ] {
        fs::write(own.join("config.yaml"), text).unwrap();
        env.run(&["run", "hello__greet", "name=Ada"])
            .exits(2)
            .says(&[place]);
    }
    env.run(&["run", "hello__greet", "--wall", "on"])
        .exits(2)
        .says(&["required"]);
}

#[test]
fn a_repository_cannot_turn_the_wall_off() {
    let env = TestEnv::with_plugins(&["hello"], "wall: off\n");
    env.run(&["run", "hello__greet", "name=Ada"])
        .exits(2)
        .says(&["plugins.yaml:1:1", "wall"]);
}

#[test]
fn a_port_that_was_granted_after_the_start_is_told_with_what_to_do() {
    let server = crate::common::HttpServer::hello();
    let url = format!("http://127.0.0.1:{}", server.port());
    let env = TestEnv::with_grants(&["net"], "plugins: [{name: net}]");
    let add = ["grant", "add", "net", "--network", &url];
    let ask = json!({"authority": format!("127.0.0.1:{}", server.port())});
    let mut mcp = env.mcp();
    mcp.initialize();
    env.run(&add).exits(0);
    let (mut said, mut tries) = (Value::Null, 0);
    // Servers that run see a change in a while.
    while tries < 600 && !said.to_string().contains("second wall") && said["status"] != 200 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        said = mcp.call("net__request", ask.clone())["structuredContent"].clone();
        tries += 1;
    }
    mcp.close();
    let wall = env.run(&["run", "net__names", "--json"]);
    let confines = wall.json()["wall"]["confines"].to_string();
    if confines.contains("tcp") {
        let port = format!("does not let port {} through", server.port());
        assert!(said.to_string().contains(&port), "{said}");
        assert!(said.to_string().contains("start it again"), "{said}");
        assert_eq!(server.connections(), 0);
    }
    // Whoever starts now reaches it.
    let get = env.run(&["run", "net__get", &format!("url={url}/")]);
    assert_eq!(get.exits(0).stdout.lines().next(), Some("hello"));
}

/// Replaces a file as editors and `git config` do: by another one of its name.
fn replace(env: &TestEnv, file: &str, name: &str) {
    let path = env.home().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let other = path.with_extension("new");
    fs::write(
        &other,
        format!("[user]\n\tname = {name}\n\temail = a@example.com\n"),
    )
    .unwrap();
    fs::rename(other, path).unwrap();
}

fn write(mcp: &mut McpServer, path: &str) -> Value {
    mcp.call("files__write", json!({"path": path, "content": "x"}))
}

#[test]
fn settings_of_git_that_are_replaced_meanwhile_end_calls_with_what_to_do() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    replace(&env, ".gitconfig", "First");
    let mut mcp = env.mcp();
    mcp.initialize();
    assert_eq!(write(&mut mcp, "a")["isError"], false);
    replace(&env, ".gitconfig", "The Second Of That Name");
    let id = mcp.begin_call("files__write", json!({"path": "b", "content": "x"}));
    let said = mcp.reply(id).to_string();
    assert!(
        said.contains("were replaced since this process started"),
        "{said}"
    );
    assert!(said.contains("start it again"), "{said}");
    mcp.close();
    // Whoever starts now has the new name.
    env.run(&["run", "files__write", "path=c", "content=x"])
        .exits(0);
    let log = env.git(&["log", "--all", "--format=%an"]);
    assert!(
        log.contains("The Second Of That Name") && log.contains("First"),
        "{log}"
    );
}

#[test]
fn settings_of_git_in_their_own_folder_may_be_replaced() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    replace(&env, ".config/git/config", "First");
    let mut mcp = env.mcp();
    mcp.initialize();
    assert_eq!(write(&mut mcp, "a")["isError"], false);
    replace(&env, ".config/git/config", "The Second Of That Name");
    assert_eq!(write(&mut mcp, "b")["isError"], false);
    mcp.close();
    let log = env.git(&["log", "--all", "--format=%an"]);
    assert!(
        log.contains("The Second Of That Name") && log.contains("First"),
        "{log}"
    );
}

#[test]
fn a_link_to_a_component_elsewhere_still_leads_to_it() {
    let env = TestEnv::with_plugins(&[], "");
    fs::create_dir_all(env.repo().join(".parac/plugins")).unwrap();
    let component = env.outside("hello.wasm");
    fs::write(&component, guest("hello")).unwrap();
    symlink(&component, env.repo().join(".parac/plugins/hello.wasm")).unwrap();
    env.run(&["run", "--wall", "required", "hello__greet", "name=Ada"])
        .exits(0);
}
