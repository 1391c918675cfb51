//! Up to 2025-11-25: a question is a request to the client.

use serde_json::json;

use super::{env, legacy, name, text};
use crate::common::TestEnv;

#[test]
pub(crate) fn a_legacy_client_is_asked_while_it_waits() {
    let env = env();
    let mut server = legacy(&env);
    let id = server.begin_call("asks__one", json!({"what": "form"}));
    let asked = server.asked();
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    let message = asked["params"]["message"].as_str().unwrap();
    assert_eq!(message, "The plugin asks asks: Who are you?");
    server.answer(&asked, &name("Ada"));
    assert_eq!(text(&server.reply(id)["result"]), "Hello, Ada!");
    // What is not said is not made up.
    for (action, said) in [("decline", "declined"), ("cancel", "cancelled")] {
        let id = server.begin_call("asks__one", json!({"what": "form"}));
        let asked = server.asked();
        server.answer(&asked, &json!({"action": action}));
        let reply = server.reply(id);
        assert!(text(&reply["result"]).contains(said), "{reply}");
    }
    // What does not fit the form is none.
    let id = server.begin_call("asks__one", json!({"what": "form"}));
    let asked = server.asked();
    server.answer(&asked, &json!({"action": "accept", "content": {"name": 7}}));
    let reply = server.reply(id);
    assert!(
        text(&reply["result"]).contains("does not fit the form"),
        "{reply}"
    );
    server.close();
}

#[test]
fn a_legacy_client_is_asked_for_a_visit_for_words_and_for_folders() {
    let env = env();
    let mut server = legacy(&env);
    for (what, method, answer, said) in [
        (
            "url",
            "elicitation/create",
            json!({"action": "accept"}),
            "visited: true",
        ),
        (
            "sampling",
            "sampling/createMessage",
            json!({"model": "m", "role": "assistant", "content": {"type": "text", "text": "it"}}),
            "it",
        ),
        (
            "roots",
            "roots/list",
            json!({"roots": [{"uri": "file:///a"}]}),
            "file:///a",
        ),
    ] {
        let id = server.begin_call("asks__one", json!({"what": what}));
        let asked = server.asked();
        assert_eq!(asked["method"], method, "{asked}");
        server.answer(&asked, &answer);
        assert_eq!(text(&server.reply(id)["result"]), said);
    }
    server.close();
}

#[test]
fn several_questions_and_rounds_reach_a_legacy_client_one_by_one() {
    let env = env();
    let mut server = legacy(&env);
    let id = server.begin_call("asks__several", json!({}));
    for (method, answer) in [
        ("elicitation/create", name("Ada")),
        (
            "sampling/createMessage",
            json!({"model": "m", "role": "assistant", "content": {"type": "text", "text": "it"}}),
        ),
        ("roots/list", json!({"roots": []})),
    ] {
        let asked = server.asked();
        assert_eq!(asked["method"], method, "{asked}");
        server.answer(&asked, &answer);
    }
    assert_eq!(
        text(&server.reply(id)["result"]),
        "Ada said it in 0 folders"
    );
    let id = server.begin_call("asks__rounds", json!({"rounds": 3}));
    for who in ["A", "B", "C"] {
        let asked = server.asked();
        server.answer(&asked, &name(who));
    }
    assert_eq!(text(&server.reply(id)["result"]), "A, B, C");
    server.close();
}

#[test]
fn a_client_that_cannot_is_not_asked_and_the_plugin_learns_it() {
    let env = env();
    for modern in [false, true] {
        let mut server = env.mcp();
        if modern {
            server.discover();
        } else {
            server.initialize();
        }
        for what in ["form", "url", "sampling", "roots"] {
            let result = server.call("asks__one", json!({"what": what}));
            assert_eq!(result["isError"], json!(true), "{result}");
            let said = format!("there is nobody to ask: whoever called cannot be asked for {what}");
            assert!(text(&result).contains(&said), "{result}");
        }
        assert!(server.asks_nothing());
        server.close();
    }
}

#[test]
fn a_question_without_the_grant_is_refused_with_its_line_and_the_person_can_grant_it() {
    let env = TestEnv::with_plugins(&["asks"], "plugins: [{name: asks}]");
    // A client that shows no form: the refusal with its line.
    let mut server = env.mcp();
    server.initialize();
    let result = server.call("asks__one", json!({"what": "form"}));
    let error = &result["_meta"]["dev.paracle/error"];
    assert_eq!(error["kind"], "denied", "{result}");
    assert!(text(&result).contains("ask: true"), "{result}");
    server.close();
    // One that does: the person is asked for the grant first, and then what the plugin asks.
    let mut server = legacy(&env);
    let id = server.begin_call("asks__one", json!({"what": "form"}));
    let grant = server.asked();
    assert!(
        grant["params"]["requestedSchema"]["properties"]["allow"].is_object(),
        "{grant}"
    );
    server.answer(
        &grant,
        &json!({"action": "accept", "content": {"allow": "once"}}),
    );
    let asked = server.asked();
    assert!(
        asked["params"]["requestedSchema"]["properties"]["name"].is_object(),
        "{asked}"
    );
    server.answer(&asked, &name("Ada"));
    assert_eq!(text(&server.reply(id)["result"]), "Hello, Ada!");
    server.close();
}

#[test]
fn a_plugin_that_another_calls_asks_the_same_person() {
    let env = env();
    let mut server = legacy(&env);
    let relay = json!({"tool": "asks__one", "arguments": {"what": "form"}});
    let id = server.begin_call("caller__relay", relay.clone());
    let asked = server.asked();
    let message = asked["params"]["message"].as_str().unwrap();
    assert!(message.contains("The plugin asks asks"), "{message}");
    server.answer(&asked, &name("Ada"));
    let reply = server.reply(id);
    assert_eq!(
        reply["result"]["structuredContent"]["detail"], "Hello, Ada!",
        "{reply}"
    );
    server.close();
    let mut server = super::modern(&env);
    let asked = super::asked(&mut server, super::call("caller__relay", &relay));
    let back = super::again(
        "caller__relay",
        &relay,
        &asked["requestState"],
        &json!({"who": name("Ada")}),
    );
    let result = super::done(&mut server, back);
    assert_eq!(
        result["structuredContent"]["detail"], "Hello, Ada!",
        "{result}"
    );
    server.close();
}
