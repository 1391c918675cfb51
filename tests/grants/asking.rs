//! Grants by answering a question that a client shows.

use serde_json::json;

use super::ungranted;
use crate::common::{HttpServer, McpServer, TestEnv};

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
    let call = |server: &mut McpServer, extra: &serde_json::Value| {
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
fn an_answer_does_not_count_for_a_config_that_came_while_the_person_thought() {
    let http = HttpServer::hello();
    let url = format!("http://127.0.0.1:{}", http.port());
    let configured =
        |base: &str| format!("plugins: [{{name: web, config: {{base_url: '{base}'}}}}]");
    let env = TestEnv::with_plugins(&["web"], &configured("https://ours.example"));
    let mut server = env.mcp().with_elicitation();
    server.initialize();
    let id = server.begin_call("web__fetch", json!({"url": url}));
    let asked = server.asked();
    env.write(
        ".parac/config/plugins.yaml",
        &configured("https://theirs.example"),
    );
    server.answer(&asked, &says("always"));
    // The server runs with the config that it was started with, and that the question was about; whether its second wall lets
    // the port through is another matter.
    drop(server.reply(id));
    server.close();
    let connections = http.connections();

    let fetch = ["run", "web__fetch", &format!("url={url}")];
    drop(env.run(&fetch).exits(3));
    let list = env.run(&["grant", "list"]).exits(0).stdout;
    assert!(list.contains("for another config"), "{list}");
    let mut server = env.mcp().with_elicitation();
    server.initialize();
    let id = server.begin_call("web__fetch", json!({"url": url}));
    let asked = server.asked();
    server.answer(&asked, &says("no"));
    assert_eq!(server.reply(id)["result"]["isError"], true);
    server.close();
    assert_eq!(http.connections(), connections);
    env.write(
        ".parac/config/plugins.yaml",
        &configured("https://ours.example"),
    );
    drop(env.run(&fetch).exits(0));
    assert_eq!(http.connections(), connections + 1);
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

/// Waits until the journal has as many refusals: so many calls were refused, and none was answered.
fn until_refused(env: &TestEnv, count: usize) {
    for _ in 0..1000 {
        // The journal is made by the first record, a moment after its call; until then there is nothing to show.
        let shown = env.run(&["audit", "show", "--json"]).stdout;
        if shown.matches("\"denied\"").count() >= count {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{count} calls were not refused");
}

/// Begins a call of each of two tools, which lack the same, and waits until both were refused.
fn two_refused(env: &TestEnv, server: &mut McpServer) -> [(&'static str, i64); 2] {
    let other = json!({"path": "README.md"});
    let calls = [
        ("files__write", server.begin_call("files__write", write())),
        ("files__delete", server.begin_call("files__delete", other)),
    ];
    until_refused(env, 2);
    calls
}

#[test]
fn calls_that_are_refused_the_same_at_once_ask_the_person_once() {
    let env = ungranted();
    let mut server = env.mcp().with_elicitation();
    server.initialize();
    let calls = two_refused(&env, &mut server);
    let asked = server.asked();
    server.answer(&asked, &says("execution"));
    for (tool, id) in calls {
        assert_eq!(server.reply(id)["result"]["isError"], false, "{tool}");
    }
    assert!(server.asks_nothing());
    server.close();
}

#[test]
fn a_no_is_the_answer_to_all_calls_that_were_refused_the_same() {
    let env = ungranted();
    let mut server = env.mcp().with_elicitation();
    server.initialize();
    let calls = two_refused(&env, &mut server);
    let asked = server.asked();
    server.answer(&asked, &says("no"));
    for (tool, id) in calls {
        assert_eq!(server.reply(id)["result"]["isError"], true, "{tool}");
    }
    assert!(server.asks_nothing());
    server.close();
}

#[test]
fn once_is_for_the_very_call_that_was_asked_about() {
    let env = ungranted();
    let mut server = env.mcp().with_elicitation();
    server.initialize();
    let calls = two_refused(&env, &mut server);
    let about = |asked: &serde_json::Value| {
        let message = asked["params"]["message"].as_str().unwrap().to_owned();
        let named = |(tool, _): &&(&str, i64)| message.contains(*tool);
        *calls.iter().find(named).unwrap()
    };
    let asked = server.asked();
    let first = about(&asked);
    server.answer(&asked, &says("once"));
    // The other call, which lacked the same and came at the same time, has nothing of it.
    let asked = server.asked();
    let second = about(&asked);
    assert_ne!(first, second);
    server.answer(&asked, &says("no"));
    assert_eq!(server.reply(second.1)["result"]["isError"], true);
    assert_eq!(server.reply(first.1)["result"]["isError"], false);
    server.close();
    let list = env.run(&["grant", "list", "--json"]).exits(0).json();
    assert_eq!(list, json!([]), "nothing is left for a call to come");
}
