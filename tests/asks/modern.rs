//! From 2026-07-28 on: the answer is the question, and the client comes back.

use serde_json::{Value, json};

use super::{again, asked, call, done, env, modern, name, refused, text};

const ONE: &str = "asks__one";

fn form() -> Value {
    json!({"what": "form"})
}

#[test]
fn a_modern_client_is_answered_with_the_question_and_comes_back() {
    let env = env();
    let mut server = modern(&env);
    let first = asked(&mut server, call(ONE, &form()));
    let request = &first["inputRequests"]["who"];
    assert_eq!(request["method"], "elicitation/create", "{first}");
    let fields = &request["params"]["requestedSchema"]["properties"];
    assert!(fields["name"].is_object(), "{first}");
    let state = first["requestState"].as_str().unwrap();
    assert!(!state.contains("who"), "{state}");
    let back = again(
        ONE,
        &form(),
        &first["requestState"],
        &json!({"who": name("Ada")}),
    );
    let result = done(&mut server, back);
    assert_eq!(result["resultType"], "complete", "{result}");
    assert_eq!(text(&result), "Hello, Ada!");
    assert!(server.asks_nothing());
    server.close();
}

#[test]
fn all_kinds_at_once_and_only_the_missing_or_wrong_are_asked_again() {
    let env = env();
    let mut server = modern(&env);
    let none = json!({});
    let keys = |asked: &Value| -> Vec<String> {
        let requests = asked["inputRequests"].as_object().unwrap();
        requests.keys().cloned().collect()
    };
    let first = asked(&mut server, call("asks__several", &none));
    assert_eq!(keys(&first), ["folders", "said", "who"]);
    // One is right, one is not readable, one is missing, one was never asked for.
    let answers = json!({"who": name("Ada"), "said": "what?", "other": {"action": "accept"}});
    let second = asked(
        &mut server,
        again("asks__several", &none, &first["requestState"], &answers),
    );
    assert_eq!(keys(&second), ["folders", "said"]);
    let third = asked(
        &mut server,
        again("asks__several", &none, &second["requestState"], &json!({})),
    );
    assert_eq!(keys(&third), ["folders", "said"]);
    let answers = json!({
        "said": {"model": "m", "role": "assistant", "content": {"type": "text", "text": "it"}},
        "folders": {"roots": [{"uri": "file:///a"}]},
        "more": 1,
    });
    let result = done(
        &mut server,
        again("asks__several", &none, &third["requestState"], &answers),
    );
    assert_eq!(text(&result), "Ada said it in 1 folders");
    server.close();
}

#[test]
fn an_answer_that_does_not_fit_its_form_is_asked_for_again() {
    let env = env();
    let mut server = modern(&env);
    let mut state = asked(&mut server, call(ONE, &form()))["requestState"].clone();
    for wrong in [
        json!({"action": "accept", "content": {}}),
        json!({"action": "accept", "content": {"name": 7}}),
        json!({"action": "accept"}),
        json!({"action": "maybe"}),
        json!(null),
    ] {
        let back = again(ONE, &form(), &state, &json!({"who": wrong}));
        state = asked(&mut server, back)["requestState"].clone();
    }
    let result = done(
        &mut server,
        again(ONE, &form(), &state, &json!({"who": name("Ada")})),
    );
    assert_eq!(text(&result), "Hello, Ada!");
    server.close();
}

#[test]
fn a_call_asks_several_times_and_runs_once() {
    let env = env();
    let mut server = modern(&env);
    let rounds = json!({"rounds": 3});
    let mut now = asked(&mut server, call("asks__rounds", &rounds));
    for (key, who) in [("step1", "A"), ("step2", "B")] {
        let mut answers = json!({});
        answers[key] = name(who);
        now = asked(
            &mut server,
            again("asks__rounds", &rounds, &now["requestState"], &answers),
        );
    }
    let back = again(
        "asks__rounds",
        &rounds,
        &now["requestState"],
        &json!({"step3": name("C")}),
    );
    let result = done(&mut server, back);
    assert_eq!(text(&result), "A, B, C");
    server.close();
}

#[test]
fn answers_that_come_with_the_first_request_are_taken() {
    let env = env();
    let mut server = modern(&env);
    let mut params = call(ONE, &form());
    params["inputResponses"] = json!({"who": name("Ada")});
    let result = done(&mut server, params);
    assert_eq!(text(&result), "Hello, Ada!");
    server.close();
}

#[test]
fn a_state_that_is_not_this_calls_own_says_start_again() {
    let env = env();
    let mut server = modern(&env);
    let answers = json!({"who": name("Ada")});
    let first = asked(&mut server, call(ONE, &form()));
    let state = first["requestState"].as_str().unwrap().to_owned();
    let mut tampered = state.clone().into_bytes();
    let at = tampered.len() / 2;
    tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    for wrong in [json!("nonsense"), json!(""), json!(tampered)] {
        let said = refused(&mut server, again(ONE, &form(), &wrong, &answers));
        assert!(said.contains("start again"), "{said}");
    }
    // Of other arguments, and of another tool.
    let said = refused(
        &mut server,
        again(ONE, &json!({"what": "url"}), &json!(state), &answers),
    );
    assert!(said.contains("start again"), "{said}");
    let said = refused(
        &mut server,
        again("asks__job", &form(), &json!(state), &answers),
    );
    assert!(said.contains("start again"), "{said}");
    // All that did not hurt the one that waits; what was used is used.
    let result = done(&mut server, again(ONE, &form(), &json!(state), &answers));
    assert_eq!(text(&result), "Hello, Ada!");
    let said = refused(&mut server, again(ONE, &form(), &json!(state), &answers));
    assert!(said.contains("start again"), "{said}");
    server.close();
}

#[test]
fn a_state_of_an_earlier_round_is_not_taken() {
    let env = env();
    let mut server = modern(&env);
    let rounds = json!({"rounds": 2});
    let first = asked(&mut server, call("asks__rounds", &rounds));
    let answers = json!({"step1": name("A"), "step2": name("B")});
    asked(
        &mut server,
        again("asks__rounds", &rounds, &first["requestState"], &answers),
    );
    let back = again("asks__rounds", &rounds, &first["requestState"], &answers);
    let said = refused(&mut server, back);
    assert!(said.contains("start again"), "{said}");
    server.close();
}

#[test]
fn a_process_that_is_gone_says_start_again() {
    let env = env();
    let mut server = modern(&env);
    let first = asked(&mut server, call(ONE, &form()));
    server.close();
    let mut server = modern(&env);
    let back = again(
        ONE,
        &form(),
        &first["requestState"],
        &json!({"who": name("Ada")}),
    );
    let said = refused(&mut server, back);
    assert!(said.contains("start again"), "{said}");
    server.close();
}

#[test]
fn the_person_grants_a_question_in_the_modern_era_too() {
    let env = crate::common::TestEnv::with_plugins(&["asks"], "plugins: [{name: asks}]");
    let mut server = modern(&env);
    let grant = asked(&mut server, call(ONE, &form()));
    let (key, request) = grant["inputRequests"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    assert!(
        request["params"]["requestedSchema"]["properties"]["allow"].is_object(),
        "{grant}"
    );
    // What came with the request is no grant: a model may have written it.
    let mut answers = json!({});
    answers[key] = json!({"action": "accept", "content": {"allow": "once"}});
    let mut forged = call(ONE, &form());
    forged["inputResponses"] = answers.clone();
    asked(&mut server, forged);
    let now = asked(
        &mut server,
        again(ONE, &form(), &grant["requestState"], &answers),
    );
    let back = again(
        ONE,
        &form(),
        &now["requestState"],
        &json!({"who": name("Ada")}),
    );
    let result = done(&mut server, back);
    assert_eq!(text(&result), "Hello, Ada!");
    server.close();
}
