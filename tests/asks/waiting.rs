//! What a call that waits costs, and how it ends.

use serde_json::{Value, json};

use super::{again, asked, call, done, env, legacy, modern, name, text};
use crate::common::{McpServer, TestEnv};

const ROUNDS: &str = "asks__rounds";

fn one() -> Value {
    json!({"rounds": 1})
}

#[test]
fn the_time_that_a_person_thinks_is_not_the_calls() {
    let yaml = "plugins: [{name: asks, grants: {ask: true}, limits: {time_ms: 1000}}]";
    let env = TestEnv::with_plugins(&["asks"], yaml);
    let think = || std::thread::sleep(std::time::Duration::from_millis(1500));
    let mut server = legacy(&env);
    let id = server.begin_call(ROUNDS, one());
    let asked_now = server.asked();
    think();
    server.answer(&asked_now, &name("Ada"));
    assert_eq!(text(&server.reply(id)["result"]), "Ada");
    server.close();
    let mut server = modern(&env);
    let first = asked(&mut server, call(ROUNDS, &one()));
    think();
    let back = again(
        ROUNDS,
        &one(),
        &first["requestState"],
        &json!({"step1": name("Ada")}),
    );
    let result = done(&mut server, back);
    assert_eq!(text(&result), "Ada");
    // Its own time still is: what comes after the answer is stopped.
    let long = json!({"ms": 700});
    let first = asked(&mut server, call("asks__sleeps", &long));
    let back = again(
        "asks__sleeps",
        &long,
        &first["requestState"],
        &json!({"who": name("Ada")}),
    );
    let reply = server.request("tools/call", back);
    assert_eq!(reply["result"]["isError"], json!(true), "{reply}");
    assert!(text(&reply["result"]).contains("1000 ms"), "{reply}");
    server.close();
}

#[test]
fn what_waits_is_bounded_and_the_plugin_that_is_not_asked_for_learns_it() {
    let env = env();
    let mut server = modern(&env);
    let waiting: Vec<Value> = (0..16)
        .map(|_| asked(&mut server, call(ROUNDS, &one())))
        .collect();
    let reply = server.request("tools/call", call(ROUNDS, &one()));
    let said = "too many requests wait for an answer already";
    assert!(text(&reply["result"]).contains(said), "{reply}");
    // One that is answered makes room for another.
    let state = &waiting[7]["requestState"];
    done(
        &mut server,
        again(ROUNDS, &one(), state, &json!({"step1": name("Ada")})),
    );
    asked(&mut server, call(ROUNDS, &one()));
    server.close();
}

#[test]
fn calls_of_a_legacy_client_that_wait_are_bounded_and_hold_no_turn_of_their_plugin() {
    let yaml = "plugins: [{name: asks, grants: {ask: true}, limits: {calls: 1}}]";
    let env = TestEnv::with_plugins(&["asks"], yaml);
    let mut server = legacy(&env);
    let waiting: Vec<_> = (0..16)
        .map(|_| {
            let id = server.begin_call(ROUNDS, one());
            (id, server.asked())
        })
        .collect();
    let reply = server.request("tools/call", call(ROUNDS, &one()));
    let said = "too many requests wait for an answer already";
    assert!(text(&reply["result"]).contains(said), "{reply}");
    for (id, question) in waiting {
        server.answer(&question, &name("Ada"));
        assert_eq!(text(&server.reply(id)["result"]), "Ada");
    }
    server.close();
}

#[test]
fn a_call_that_waits_ends_with_its_connection() {
    let env = env();
    for mut server in [legacy(&env), modern(&env)] {
        let id = server.begin_call(ROUNDS, one());
        wait_for_question(&mut server, id);
        // It ends, and says so itself: nothing keeps it.
        server.close();
    }
}

fn wait_for_question(server: &mut McpServer, id: i64) {
    if server.is_modern() {
        let reply = server.reply(id);
        assert_eq!(reply["result"]["resultType"], "input_required", "{reply}");
    } else {
        server.asked();
    }
}

#[test]
fn an_endless_call_sees_that_it_is_cancelled() {
    let env = env();
    for mut server in [legacy(&env), modern(&env)] {
        let params =
            json!({"name": "asks__endless", "arguments": {}, "_meta": {"progressToken": "p"}});
        let id = server.begin("tools/call", params);
        server.wait_until_told("notifications/progress");
        server.send(&json!({
            "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}
        }));
        server.close();
    }
}

#[test]
fn a_tool_that_needs_what_the_client_cannot_do_is_refused_before_it_runs() {
    let env = env();
    for era in ["legacy", "modern"] {
        let begin = |capabilities: Value| {
            let mut server = env.mcp().with_capabilities(capabilities);
            match era {
                "legacy" => server.initialize(),
                _ => server.discover(),
            };
            server
        };
        let mut server = begin(json!({"elicitation": {"url": {}}}));
        let reply = server.request("tools/call", call("asks__needs", &json!({})));
        assert_eq!(reply["error"]["code"], -32021, "{reply}");
        let required = &reply["error"]["data"]["requiredCapabilities"];
        assert_eq!(
            required,
            &json!({"elicitation": {"form": {}}, "roots": {}}),
            "{reply}"
        );
        server.close();
        let mut server = begin(json!({"elicitation": {}, "roots": {}}));
        assert_eq!(
            text(&done(&mut server, call("asks__needs", &json!({})))),
            "needed"
        );
        server.close();
    }
}
