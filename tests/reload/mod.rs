//! Files that change while `mcp serve` runs.

mod settings;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{McpServer, TestEnv, guest};

const TOOLS: &str = "notifications/tools/list_changed";
const YAML: &str = "plugins: [{name: hello}]";
const SAID: &str = "Greets somebody by name.";
const SAYS: &str = "Greets somebody by NAME.";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello"], YAML)
}

fn serve(env: &TestEnv) -> McpServer {
    let mut server = env.mcp_with_log();
    server.initialize();
    server
}

/// Builds `hello` anew: with another word of the same length in the place of one, each time it is there.
#[track_caller]
fn rebuilt(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = guest("hello").to_vec();
    let places: Vec<_> = (0..bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert!(!places.is_empty(), "{from:?} is not in it");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// The same plugin by other bytes: a custom section is no code.
fn padded(name: &str) -> Vec<u8> {
    let mut bytes = guest(name).to_vec();
    bytes.extend([0, 2, 1, b'x']);
    bytes
}

fn file(env: &TestEnv) -> PathBuf {
    env.repo().join(".parac/plugins/hello.wasm")
}

/// Replaces the plugin as careful programs do: at once.
fn swap(env: &TestEnv, bytes: &[u8]) {
    let beside = env.outside("hello.new");
    fs::write(&beside, bytes).unwrap();
    fs::rename(beside, file(env)).unwrap();
}

fn greeted(server: &mut McpServer) -> Value {
    server.call("hello__greet", json!({"name": "Ada"}))
}

fn digest(result: &Value) -> &str {
    result
        .pointer("/_meta/dev.paracle~1receipt/digest")
        .unwrap()
        .as_str()
        .unwrap()
}

fn names(server: &mut McpServer) -> Vec<String> {
    let listed = server.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names = tools.iter().map(|tool| tool["name"].as_str().unwrap());
    names
        .filter(|name| !name.starts_with("execution_") && !name.starts_with("paracle_"))
        .map(str::to_owned)
        .collect()
}

fn description(server: &mut McpServer) -> String {
    let listed = server.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let greet = tools.iter().find(|tool| tool["name"] == "hello__greet");
    greet.unwrap()["description"].as_str().unwrap().to_owned()
}

/// Waits until something is so; a test that waits for ever is ended by its runner.
fn wait_for(mut so: impl FnMut() -> bool) {
    while !so() {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until the server logged a line, more often than so many times.
fn wait_for_line(env: &TestEnv, words: &str, before: usize) {
    wait_for(|| env.log().matches(words).count() > before);
}

#[test]
fn a_rebuilt_plugin_answers_without_a_restart() {
    let env = env();
    let mut server = serve(&env);
    let first = greeted(&mut server);
    // At once, and as a compiler writes, over what was there.
    swap(&env, &padded("hello"));
    wait_for(|| digest(&greeted(&mut server)) != digest(&first));
    fs::write(file(&env), guest("hello")).unwrap();
    wait_for(|| digest(&greeted(&mut server)) == digest(&first));
    // It offers what it offered: nobody is told.
    assert!(server.heard().iter().all(|told| told["method"] != TOOLS));
    server.close();
}

#[test]
fn a_call_in_flight_finishes_on_what_it_began_with() {
    let env = TestEnv::with_plugins(&["asks"], "plugins: [{name: asks, grants: {ask: true}}]");
    let mut server = env.mcp_with_log().with_elicitation();
    server.initialize();
    let first = server.call("asks__job", json!({}));
    let first = digest(&first).to_owned();
    let slow = server.begin_call("asks__job", json!({"first": true}));
    let asked = server.asked();
    env.write_bytes(".parac/plugins/asks.wasm", &padded("asks"));
    let mut new = String::new();
    wait_for(|| {
        let now = server.call("asks__job", json!({}));
        digest(&now).clone_into(&mut new);
        new != first
    });
    let answer = json!({"action": "accept", "content": {"name": "Ada"}});
    server.answer(&asked, &answer);
    let reply = server.reply(slow);
    let result = &reply["result"];
    assert_eq!(result["content"][0]["text"], "done for Ada", "{reply}");
    assert_eq!(digest(result), first, "{reply}");
    server.close();
}

#[test]
fn other_tools_wait_for_the_persons_word_and_the_old_ones_answer_until_then() {
    for approved in [true, false] {
        let env = env();
        if approved {
            env.trust(&["hello"]);
        }
        let mut server = serve(&env);
        assert_eq!(description(&mut server), SAID);
        swap(&env, &rebuilt(SAID, SAYS));
        wait_for_line(&env, "run `paracle-host grant trust hello`", 0);
        wait_for_line(&env, "what was loaded before answers", 0);
        assert_eq!(description(&mut server), SAID);
        assert_eq!(greeted(&mut server)["isError"], false);
        assert!(server.heard().iter().all(|told| told["method"] != TOOLS));
        // The person's word on this machine is heard of, too.
        env.trust(&["hello"]);
        server.told(TOOLS);
        assert_eq!(description(&mut server), SAYS);
        server.close();
    }
}

#[test]
fn a_plugin_that_was_removed_meanwhile_waits_as_well_when_it_comes_back_as_another() {
    let env = env();
    let mut server = serve(&env);
    fs::remove_file(file(&env)).unwrap();
    server.told(TOOLS);
    swap(&env, &rebuilt(SAID, SAYS));
    wait_for_line(&env, "run `paracle-host grant trust hello`", 0);
    assert!(names(&mut server).is_empty());
    server.close();
}

#[test]
fn a_broken_or_half_written_file_leaves_the_old_plugin_answering() {
    let env = env();
    let mut server = serve(&env);
    let first = digest(&greeted(&mut server)).to_owned();
    let new = padded("hello");
    fs::write(file(&env), &new[..new.len() / 2]).unwrap();
    wait_for_line(&env, "what was loaded before answers", 0);
    assert_eq!(digest(&greeted(&mut server)), first);
    fs::write(file(&env), "no component").unwrap();
    wait_for_line(&env, "what was loaded before answers", 1);
    assert_eq!(digest(&greeted(&mut server)), first);
    assert_eq!(names(&mut server), ["hello__greet"]);
    // What is written to the end is loaded.
    fs::write(file(&env), &new).unwrap();
    wait_for(|| digest(&greeted(&mut server)) != first);
    assert!(server.heard().iter().all(|told| told["method"] != TOOLS));
    server.close();
}

#[test]
fn a_removed_plugin_is_gone_and_one_that_is_put_there_answers() {
    let env = env();
    let mut server = serve(&env);
    fs::remove_file(file(&env)).unwrap();
    server.told(TOOLS);
    assert!(names(&mut server).is_empty(), "{:?}", names(&mut server));
    env.write_bytes(".parac/plugins/files.wasm", guest("files"));
    env.write(".parac/config/plugins.yaml", "plugins: [{name: files}]");
    wait_for(|| !names(&mut server).is_empty());
    let offered = names(&mut server);
    assert!(
        offered.iter().all(|name| name.starts_with("files__")),
        "{offered:?}"
    );
    server.close();
}

#[test]
fn a_folder_of_plugins_that_is_made_later_is_looked_at() {
    let env = TestEnv::new();
    env.write(".parac/config/mcp.yaml", "names: prefixed\n");
    let mut server = serve(&env);
    assert!(names(&mut server).is_empty());
    env.install(&["hello"], YAML);
    wait_for(|| names(&mut server) == ["hello__greet"]);
    server.close();
}

#[test]
fn a_parac_folder_that_goes_and_comes_back_is_loaded_again() {
    let env = env();
    let mut server = serve(&env);
    let (here, aside) = (env.repo().join(".parac"), env.repo().join("aside"));
    for _ in 0..2 {
        fs::rename(&here, &aside).unwrap();
        wait_for(|| names(&mut server).is_empty());
        fs::rename(&aside, &here).unwrap();
        wait_for(|| names(&mut server) == ["hello__greet"]);
    }
    server.close();
}

#[test]
fn a_new_file_does_not_take_the_name_of_a_plugin_that_answers_or_was_approved() {
    let env = env();
    let mut server = serve(&env);
    let own = digest(&greeted(&mut server)).to_owned();
    let other = env.repo().join(".parac/plugins/aaa.wasm");
    fs::write(&other, padded("hello")).unwrap();
    wait_for_line(&env, "aaa.wasm", 0);
    assert_eq!(digest(&greeted(&mut server)), own);
    server.close();
    fs::remove_file(&other).unwrap();
    env.trust(&["hello"]);
    fs::write(&other, padded("hello")).unwrap();
    let mut server = serve(&env);
    assert_eq!(digest(&greeted(&mut server)), own);
    server.close();
}
