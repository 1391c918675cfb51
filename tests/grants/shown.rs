//! How grants, and what waits for a person's word, are shown.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{add, ungranted};
use crate::common::{HttpServer, TestEnv};

const OUT: &str = "plugins: [{name: web, grants: {network: ['https://example.com']}}]";

#[test]
fn plugin_list_says_what_waits_for_the_persons_word_and_why() {
    let env = TestEnv::with_plugins(&["web", "hello"], OUT);
    let list = |env: &TestEnv| env.run(&["plugin", "list"]).exits(0).stdout;
    let said = list(&env);
    for word in [
        "waiting for your word",
        "web: network=https://example.com (nobody approved it on this machine)",
        "paracle-host grant trust NAME",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let json = env.run(&["plugin", "list", "--json"]).exits(0).json();
    assert_eq!(json["waiting"][0]["plugin"], "web", "{json}");
    assert_eq!(json["waiting"][0]["served"], true, "{json}");
    env.trust(&["web"]);
    assert!(!list(&env).contains("waiting"));
}

#[test]
fn a_long_grant_is_on_one_line_where_there_is_no_terminal() {
    let hosts: Vec<String> = (0..12)
        .map(|n| format!("'GET,POST https://a-rather-long-name-{n}.example.com/v1'"))
        .collect();
    let yaml = format!(
        "plugins: [{{name: web, grants: {{network: [{}]}}}}]",
        hosts.join(", ")
    );
    let env = TestEnv::with_grants(&["web", "files"], &yaml);
    for command in [["grant", "list"], ["plugin", "list"]] {
        let said = env.run(&command).exits(0).stdout;
        let line = said.lines().find(|line| line.contains("long-name-0"));
        assert!(line.unwrap().contains("long-name-11"), "{said}");
    }
}

#[test]
fn revoking_by_a_plugins_name_says_how_that_is_done() {
    let env = ungranted();
    let given = add(&env, &[]);
    let id = given["id"].as_str().unwrap();
    env.run(&["grant", "revoke", "files"]).exits(2).says(&[
        "files is a plugin",
        "grant revoke --plugin files",
        id,
    ]);
    env.run(&["grant", "revoke", "nobody"])
        .exits(2)
        .says(&["there is no grant \"nobody\"", "grant list"]);
    drop(env.run(&["grant", "revoke", "--plugin", "files"]).exits(0));
}

/// Finds every grant in a document: whatever has a `workspace`.
fn grants<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("workspace") {
                found.push(value);
            }
            members.values().for_each(|member| grants(member, found));
        }
        Value::Array(members) => members.iter().for_each(|member| grants(member, found)),
        _ => {}
    }
}

#[test]
fn a_grant_has_one_shape_in_json_whatever_it_allows() {
    let server = HttpServer::hello();
    let url = format!("http://127.0.0.1:{}", server.port());
    let env = TestEnv::with_grants(
        &["web", "files"],
        &format!("plugins: [{{name: web, grants: {{network: ['{url}']}}}}, {{name: files}}]"),
    );
    let keys = BTreeSet::from([
        "workspace",
        "completions",
        "tools",
        "network",
        "sockets",
        "directories",
        "secrets",
    ]);
    for command in [
        vec!["grant", "add", "files", "--workspace", "read-only"],
        vec!["grant", "list"],
        vec!["grant", "explain", "files", "--workspace", "read-only"],
        vec!["grant", "trust", "web"],
        vec!["plugin", "list"],
        vec!["plugin", "show", "web"],
        vec!["run", "web__fetch", &format!("url={url}")],
    ] {
        let document = env
            .run(&[&command[..], &["--json"]].concat())
            .exits(0)
            .json();
        let mut found = Vec::new();
        grants(&document, &mut found);
        assert!(!found.is_empty(), "{command:?}: {document}");
        for grant in found {
            let has: BTreeSet<&str> = grant
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(has, keys, "{command:?}");
        }
    }
}

#[test]
fn one_byte_is_no_plural_and_an_argument_is_called_by_its_name() {
    let env = TestEnv::with_plugins(
        &["files"],
        "plugins: [{name: files, grants: {workspace: read-write}}]",
    );
    let written = env
        .run(&["run", "files__write", "path=a", "content=x"])
        .exits(0);
    assert!(written.stdout.contains("(1 byte)"), "{written:?}");
    env.run(&["run", "files__read", "path=../a"])
        .exits(1)
        .says(&["argument `path` is not right"]);
}
