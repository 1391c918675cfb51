//! A person's approval of a plugin as it is, and what ends it.

use serde_json::json;

use super::{WRITE, add, ungranted};
use crate::common::{HttpServer, TestEnv};

/// Gives `files` other bytes, and nothing that it says of itself: a custom section is no code.
fn rebuild(env: &TestEnv) {
    let mut bytes = crate::common::guest("files").to_vec();
    bytes.extend([0, 2, 1, b'x']);
    env.write_bytes(".parac/plugins/files.wasm", &bytes);
}

#[test]
fn a_plugin_with_other_bytes_has_none_of_what_was_granted() {
    let env = ungranted();
    add(&env, &[]);
    rebuild(&env);
    env.run(WRITE)
        .exits(3)
        .says(&["grant trust files --move-grants"]);
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    assert!(list.contains("for other bytes"), "{list}");
}

#[test]
fn an_approval_moves_a_grant_to_new_bytes_only_when_told_to_and_says_which() {
    let env = ungranted();
    let given = add(&env, &[]);
    let (id, old) = (
        given["id"].as_str().unwrap(),
        given["digest"].as_str().unwrap(),
    );
    rebuild(&env);
    // What waits is shown before anything is approved.
    let waits = env.run(&["grant", "trust"]).exits(0).stdout;
    assert!(waits.contains(id) && waits.contains(old), "{waits}");
    let said = env.run(&["grant", "trust", "files"]).exits(0).stdout;
    for word in [
        "not moved",
        id,
        "workspace=read-write",
        old,
        "--move-grants",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    drop(env.run(WRITE).exits(3));
    let moved = env
        .run(&["grant", "trust", "files", "--move-grants"])
        .exits(0)
        .stdout;
    let new = env
        .run(&["plugin", "show", "files", "--json"])
        .exits(0)
        .json();
    let new = new["digest"].as_str().unwrap();
    assert_ne!(old, new);
    for word in ["moved", id, "workspace=read-write", old, new] {
        assert!(moved.contains(word), "{word}: {moved}");
    }
    drop(env.run(WRITE).exits(0));
    // The journal has it as a grant to these bytes.
    let journal = env.run(&["audit", "show", "--json"]).exits(0).stdout;
    assert!(journal.contains(new), "{journal}");
    assert!(
        env.run(&["grant", "trust"])
            .exits(0)
            .stdout
            .contains("nothing waits")
    );
}

#[test]
fn a_changed_config_of_a_plugin_that_reaches_out_waits_for_approval_again() {
    let server = HttpServer::hello();
    let url = format!("http://127.0.0.1:{}", server.port());
    let base = |base: &str| {
        format!(
            "plugins: [{{name: web, config: {{base_url: '{base}'}}, grants: {{network: ['{url}']}}}}]"
        )
    };
    let env = TestEnv::with_grants(&["web"], &base("https://ours.example"));
    let fetch = ["run", "web__fetch", &format!("url={url}")];
    drop(env.run(&fetch).exits(0));
    let theirs = base("https://theirs.example");
    env.write(".parac/config/plugins.yaml", &theirs);
    env.run(&fetch)
        .exits(3)
        .says(&["`config:`", "grant trust web"]);
    assert_eq!(server.connections(), 1);
    let waits = env.run(&["grant", "trust"]).exits(0).stdout;
    for word in ["its `config:` is not the one", "https://theirs.example"] {
        assert!(waits.contains(word), "{word}: {waits}");
    }
    drop(env.run(&["grant", "trust", "web"]).exits(0));
    drop(env.run(&fetch).exits(0));
    // Nor has it what the person granted it by command, unless they say so.
    let configured =
        |base: &str| format!("plugins: [{{name: web, config: {{base_url: '{base}'}}}}]");
    env.write(
        ".parac/config/plugins.yaml",
        &configured("https://ours.example"),
    );
    drop(
        env.run(&["grant", "add", "web", "--network", &url])
            .exits(0),
    );
    drop(env.run(&fetch).exits(0));
    env.write(
        ".parac/config/plugins.yaml",
        &configured("https://theirs.example"),
    );
    env.run(&fetch)
        .exits(3)
        .says(&["grant trust web --move-grants"]);
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    assert!(list.contains("for another config"), "{list}");
    drop(env.run(&["grant", "trust", "web"]).exits(0));
    drop(env.run(&fetch).exits(3));
    drop(
        env.run(&["grant", "trust", "web", "--move-grants"])
            .exits(0),
    );
    drop(env.run(&fetch).exits(0));
    assert_eq!(server.connections(), 4);
}

#[test]
fn a_changed_config_of_a_plugin_that_stays_in_the_repository_waits_for_nobody() {
    let env = ungranted();
    add(&env, &[]);
    env.write(
        ".parac/config/plugins.yaml",
        "plugins: [{name: files, config: {a: 1}}]",
    );
    drop(env.run(WRITE).exits(0));
    assert!(
        env.run(&["grant", "trust"])
            .exits(0)
            .stdout
            .contains("nothing waits")
    );
}

#[test]
fn a_changed_tool_list_after_approval_is_not_served() {
    let env = ungranted();
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    // Another plugin's bytes would have another name: one character of a tool's description is enough.
    let bytes = crate::common::guest("files");
    let said = b"Reads a text file";
    let at = bytes.windows(said.len()).position(|window| window == said);
    let mut bytes = bytes.to_vec();
    bytes[at.unwrap()] = b'r';
    env.write_bytes(".parac/plugins/files.wasm", &bytes);
    env.run(&["run", "files__read", "path=README.md"])
        .exits(2)
        .says(&["tool read changed", "grant trust files"]);
    let waits = env.run(&["grant", "trust"]).exits(0).stdout;
    assert!(waits.contains("files is not the files that"), "{waits}");
    let mut server = env.mcp();
    server.initialize();
    let tools = server.request("tools/list", json!({})).to_string();
    assert!(!tools.contains("files__"), "{tools}");
    server.close();
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(env.run(&["run", "files__read", "path=README.md"]).exits(3));
}

#[test]
fn what_a_repository_grants_beyond_itself_counts_once_the_person_approved_it() {
    let env = ungranted();
    let yaml =
        |rule: &str| format!("plugins: [{{name: files, grants: {{directories: ['{rule}']}}}}]");
    let state = |env: &TestEnv| {
        let list = env
            .run(&["grant", "list", "files", "--json"])
            .exits(0)
            .json();
        list[0]["state"].as_str().unwrap().to_owned()
    };
    let explain = |rule: &str| env.run(&["grant", "explain", "files", "--directories", rule]);
    env.write(".parac/config/plugins.yaml", &yaml("/srv/a:/a:ro"));
    assert_eq!(state(&env), "not approved");
    drop(
        explain("/srv/a:/a:ro")
            .exits(3)
            .says(&["grant trust files"]),
    );
    env.run(&["grant", "trust"]).exits(0);
    assert_eq!(state(&env), "not approved", "to look is not to approve");
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    assert_eq!(state(&env), "in force");
    drop(explain("/srv/a:/a:ro").exits(0));
    // What came with the next pull was not approved.
    env.write(".parac/config/plugins.yaml", &yaml("/srv:/a:rw"));
    assert_eq!(state(&env), "not approved");
    drop(explain("/srv/b:/a:ro").exits(3));
    drop(explain("/srv/a:/a:rw").exits(3));
}

#[test]
fn an_approved_plugin_that_the_repository_gives_more_is_not_approved_so() {
    let env = ungranted();
    let yaml = |more: &str| {
        format!("plugins: [{{name: files, grants: {{directories: ['/srv/a:/a:ro']{more}}}}}]")
    };
    let explain = || env.run(&["grant", "explain", "files", "--directories", "/srv/a:/a:ro"]);
    env.write(".parac/config/plugins.yaml", &yaml(""));
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(explain().exits(0));
    env.write(
        ".parac/config/plugins.yaml",
        &yaml(", workspace: read-only"),
    );
    drop(explain().exits(3).says(&["grant trust files"]));
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(explain().exits(0));
}
