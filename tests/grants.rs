//! Only people grant: by `plugins.yaml`, by command, or by answering a question.

use serde_json::json;

use crate::common::{HttpServer, TestEnv};

const WRITE: &[&str] = &["run", "files__write", "path=a.md", "content=x"];

fn ungranted() -> TestEnv {
    TestEnv::with_plugins(&["files", "caller"], "plugins: [{name: files}]")
}

#[test]
fn what_is_granted_by_command_holds_until_it_is_revoked() {
    let env = ungranted();
    drop(env.run(WRITE).exits(3));
    let given = env
        .run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-write",
            "--json",
        ])
        .exits(0)
        .json();
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(0));
    let id = given["id"].as_str().unwrap();
    drop(env.run(&["grant", "revoke", id]).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn what_is_granted_once_serves_one_call() {
    let env = ungranted();
    drop(
        env.run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-write",
            "--once",
        ])
        .exits(0),
    );
    drop(env.run(WRITE).exits(0));
    drop(env.run(WRITE).exits(3));
}

#[test]
fn a_grant_for_an_execution_serves_no_other() {
    let env = ungranted();
    drop(
        env.run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-write",
            "--execution",
            "mine",
        ])
        .exits(0),
    );
    drop(
        env.run(&[WRITE, &["--execution", "other"]].concat())
            .exits(3),
    );
    drop(
        env.run(&[WRITE, &["--execution", "mine"]].concat())
            .exits(0),
    );
}

#[test]
fn a_grant_with_an_end_is_listed_with_it() {
    let env = ungranted();
    let add = |until: &str| {
        env.run(&[
            "grant",
            "add",
            "files",
            "--workspace",
            "read-only",
            "--until",
            until,
        ])
    };
    drop(add("2020-01-01").exits(2).says(&["in the past"]));
    drop(add("soon").exits(2).says(&["2026-12-31"]));
    drop(add("9990-12-31").exits(0));
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    for word in [
        "files",
        "workspace=read-only",
        "until 9991-01-01T00:00:00Z",
        "in force",
    ] {
        assert!(list.contains(word), "{word}: {list}");
    }
}

#[test]
fn a_plugin_with_other_bytes_has_none_of_what_was_granted() {
    let env = ungranted();
    drop(
        env.run(&["grant", "add", "files", "--workspace", "read-write"])
            .exits(0),
    );
    // A custom section changes the bytes, and nothing that the plugin says.
    let mut bytes = crate::common::guest("files").to_vec();
    bytes.extend([0, 2, 1, b'x']);
    env.write_bytes(".parac/plugins/files.wasm", &bytes);
    drop(env.run(WRITE).exits(3));
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    assert!(list.contains("for other bytes"), "{list}");
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(env.run(WRITE).exits(0));
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
    assert!(waits.contains("files: "), "{waits}");
    let mut server = env.mcp();
    server.initialize();
    let tools = server.request("tools/list", json!({})).to_string();
    assert!(!tools.contains("files__"), "{tools}");
    server.close();
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(env.run(&["run", "files__read", "path=README.md"]).exits(3));
}

#[test]
fn a_grant_that_the_plugin_does_not_ask_for_is_refused() {
    let env = ungranted();
    drop(
        env.run(&["grant", "add", "files", "--network", "https://example.com"])
            .exits(2)
            .says(&["network-access", "author"]),
    );
    drop(
        env.run(&["grant", "add", "files"])
            .exits(2)
            .says(&["--network"]),
    );
    drop(
        env.run(&["grant", "add", "nobody", "--workspace", "read-only"])
            .exits(2),
    );
}

#[test]
fn explain_says_which_of_the_three_parties_said_no() {
    let env = TestEnv::with_plugins(
        &["files", "caller"],
        "plugins: [{name: files, grants: {workspace: read-only}}, {name: caller}]",
    );
    let explain =
        |words: &[&str]| env.run(&[&["grant", "explain", "files", "--json"], words].concat());
    let operator = explain(&["--workspace", "read-write"]).exits(3).json();
    assert_eq!(operator["parties"][0]["allows"], true, "{operator}");
    assert_eq!(operator["parties"][1]["allows"], false, "{operator}");
    assert_eq!(operator["denied"]["missing"], "operator");
    assert!(
        operator["denied"]["fix"]
            .as_str()
            .unwrap()
            .contains("workspace: read-write")
    );
    let plugin = explain(&["--network", "https://example.com"])
        .exits(3)
        .json();
    assert_eq!(plugin["denied"]["missing"], "plugin");
    let caller = explain(&["--workspace", "read-only", "--caller", "caller"])
        .exits(3)
        .json();
    assert_eq!(caller["denied"]["missing"], "execution");
    let fine = explain(&["--workspace", "read-only"]).exits(0).json();
    assert_eq!(fine["allowed"], true);
}

#[test]
fn grants_that_others_may_write_are_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = ungranted();
    drop(
        env.run(&["grant", "add", "files", "--workspace", "read-write"])
            .exits(0),
    );
    let folder = env.home().join(".config/paracle-host/grants");
    for entry in std::fs::read_dir(folder).unwrap() {
        std::fs::set_permissions(
            entry.unwrap().path(),
            std::fs::Permissions::from_mode(0o666),
        )
        .unwrap();
    }
    drop(env.run(WRITE).exits(2).says(&["others may write", "chmod"]));
}

/// The person's answer to a question.
fn says(allow: &str) -> serde_json::Value {
    json!({"action": "accept", "content": {"allow": allow}})
}

fn write() -> serde_json::Value {
    json!({"path": "a.md", "content": "x"})
}

#[test]
fn a_client_that_can_ask_asks_the_person_who_may_grant() {
    let env = ungranted();
    let mut server = env.mcp().with_elicitation();
    server.initialize();
    let id = server.begin_call("files__write", write());
    let asked = server.asked();
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    let message = asked["params"]["message"].as_str().unwrap();
    for word in ["files", "files__write", "workspace: read-write", "sha256:"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    server.answer(&asked, &says("execution"));
    assert_eq!(server.reply(id)["result"]["isError"], false);
    // For this connection, and no other.
    assert_eq!(server.call("files__write", write())["isError"], false);
    assert!(server.asks_nothing());
    server.close();
    let mut other = env.mcp();
    other.initialize();
    assert_eq!(other.call("files__write", write())["isError"], true);
    other.close();
}

#[test]
fn what_the_person_says_no_to_is_refused_and_not_asked_again() {
    let env = ungranted();
    for answer in [
        says("no"),
        says("yes please"),
        json!({"action": "decline"}),
        json!({"action": "cancel"}),
    ] {
        let mut server = env.mcp().with_elicitation();
        server.initialize();
        let id = server.begin_call("files__write", write());
        let asked = server.asked();
        server.answer(&asked, &answer);
        assert_eq!(server.reply(id)["result"]["isError"], true, "{answer}");
        assert_eq!(server.call("files__write", write())["isError"], true);
        assert!(server.asks_nothing(), "{answer}");
        server.close();
    }
    assert_eq!(
        env.run(&["grant", "list", "--json"]).exits(0).json(),
        json!([])
    );
}

#[test]
fn a_client_of_2026_07_28_is_asked_by_the_answer() {
    let env = ungranted();
    let mut server = env.mcp().with_elicitation();
    server.discover();
    let call = |server: &mut crate::common::McpServer, extra: &serde_json::Value| {
        let mut params = json!({"name": "files__write", "arguments": write()});
        for (key, value) in extra.as_object().unwrap() {
            params[key] = value.clone();
        }
        server.request("tools/call", params)
    };
    let asked = call(&mut server, &json!({}))["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let form = &asked["inputRequests"]["allow"];
    assert_eq!(form["method"], "elicitation/create", "{asked}");
    let retry = |allow: &str| json!({"requestState": asked["requestState"], "inputResponses": {"allow": says(allow)}});
    // A forged state, or one of another call, is no answer.
    let mut forged = retry("always");
    forged["requestState"] = json!(format!("{}x", asked["requestState"].as_str().unwrap()));
    assert!(call(&mut server, &forged).get("error").is_some());
    let mut other = retry("always");
    other["arguments"] = json!({"path": "b.md", "content": "x"});
    assert!(call(&mut server, &other).get("error").is_some());
    assert_eq!(
        env.run(&["grant", "list", "--json"]).exits(0).json(),
        json!([])
    );

    assert_eq!(
        call(&mut server, &retry("once"))["result"]["isError"],
        false
    );
    // Once is this very call: no other has it, and an answer is used once.
    assert_eq!(
        env.run(&["grant", "list", "--json"]).exits(0).json(),
        json!([])
    );
    assert!(call(&mut server, &retry("once")).get("error").is_some());
    let again = call(&mut server, &json!({}))["result"].clone();
    assert_eq!(again["resultType"], "input_required", "{again}");
    server.close();
}

#[test]
fn a_client_that_cannot_ask_is_told_what_to_do() {
    let env = ungranted();
    let mut server = env.mcp();
    server.initialize();
    let refused = server.call("files__write", write());
    assert_eq!(refused["isError"], true);
    let text = refused["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("plugins.yaml"), "{text}");
    server.close();
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
fn the_person_is_told_that_a_call_had_reached_out_and_would_do_so_again() {
    let other = HttpServer::hello();
    let place = format!("http://127.0.0.1:{}/", other.port());
    let server = HttpServer::start(move |_, out| {
        write!(
            out,
            "HTTP/1.1 302 Found\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n"
        )
    });
    let first = format!("http://127.0.0.1:{}", server.port());
    let env = TestEnv::with_grants(
        &["web"],
        &format!("plugins: [{{name: web, grants: {{network: ['{first}']}}}}]"),
    );
    let mut client = env.mcp().with_elicitation();
    client.initialize();
    let id = client.begin_call("web__fetch", json!({"url": first}));
    let asked = client.asked();
    let message = asked["params"]["message"].as_str().unwrap();
    assert!(message.contains("does that a second time"), "{message}");
    client.answer(&asked, &says("no"));
    assert_eq!(client.reply(id)["result"]["isError"], true);
    assert_eq!((server.connections(), other.connections()), (1, 0));
    client.close();
}

#[test]
fn nothing_that_an_assistant_can_call_grants() {
    let env = TestEnv::with_plugins(&["hello", "files", "caller"], "");
    let mut server = env.mcp();
    server.initialize();
    for method in ["tools/list", "resources/list", "prompts/list"] {
        let list = server.request(method, json!({}))["result"].to_string();
        for word in ["grant", "trust", "revoke", "approve", "merge\""] {
            assert!(
                !list.contains(&format!("\"name\":\"{word}")),
                "{method}: {list}"
            );
        }
    }
    for name in ["grant__add", "paracle__grant", "grant", "files__grant"] {
        let reply = server.request("tools/call", json!({"name": name, "arguments": {}}));
        assert!(reply.get("error").is_some(), "{reply}");
    }
    server.close();
    assert_eq!(
        env.run(&["grant", "list", "--json"]).exits(0).json(),
        json!([])
    );
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
