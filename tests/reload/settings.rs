//! Settings that change while `mcp serve` runs.

use std::fs;

use serde_json::json;

use super::{TOOLS, YAML, digest, env, greeted, names, padded, serve, wait_for, wait_for_line};
use crate::common::TestEnv;

#[test]
fn names_change_with_mcp_yaml_and_a_broken_one_changes_nothing() {
    let env = env();
    let mut server = serve(&env);
    env.write(".parac/config/mcp.yaml", "names: plain\n");
    server.told(TOOLS);
    assert_eq!(names(&mut server), ["greet"]);
    env.write(".parac/config/mcp.yaml", "nomes: prefixed\n");
    wait_for_line(&env, "what was configured before stays", 0);
    assert_eq!(names(&mut server), ["greet"]);
    fs::remove_file(env.repo().join(".parac/config/mcp.yaml")).unwrap();
    server.told(TOOLS);
    assert_eq!(names(&mut server), ["hello__greet"]);
    server.close();
}

#[test]
fn a_plugin_is_disabled_and_enabled_without_a_restart() {
    let env = env();
    let mut server = serve(&env);
    let off = "plugins: [{name: hello, enabled: false}]";
    env.write(".parac/config/plugins.yaml", off);
    server.told(TOOLS);
    assert!(names(&mut server).is_empty());
    env.write(".parac/config/plugins.yaml", YAML);
    server.told(TOOLS);
    assert_eq!(greeted(&mut server)["isError"], false);
    server.close();
}

#[test]
fn a_grant_that_is_taken_back_is_gone_also_of_a_plugin_whose_file_is_broken_meanwhile() {
    let given = "plugins: [{name: files, grants: {workspace: read-write}}]";
    let env = TestEnv::with_plugins(&["files"], given);
    let mut server = serve(&env);
    let write = json!({"path": "a.md", "content": "x"});
    assert_eq!(server.call("files__write", write.clone())["isError"], false);
    env.write(".parac/plugins/files.wasm", "no component");
    wait_for_line(&env, "what was loaded before answers", 0);
    assert_eq!(server.call("files__write", write.clone())["isError"], false);
    env.write(".parac/config/plugins.yaml", "plugins: [{name: files}]");
    wait_for(|| server.call("files__write", write.clone())["isError"] == true);
    // What is broken gets nothing back before it can be used.
    env.write(".parac/config/plugins.yaml", given);
    env.write(".parac/config/mcp.yaml", "names: plain\n");
    server.told(TOOLS);
    assert_eq!(server.call("files__write", write)["isError"], true);
    server.close();
}

#[test]
fn a_component_elsewhere_that_plugins_yaml_names_is_looked_at_too() {
    let env = TestEnv::new();
    let path = env.repo().join("built/hello.wasm");
    env.write_bytes("built/hello.wasm", crate::common::guest("hello"));
    let yaml = format!("plugins: [{{name: hello, path: {}}}]", path.display());
    env.write(".parac/config/plugins.yaml", &yaml);
    let mut server = serve(&env);
    let first = digest(&greeted(&mut server)).to_owned();
    fs::write(&path, padded("hello")).unwrap();
    wait_for(|| digest(&greeted(&mut server)) != first);
    server.close();
}
