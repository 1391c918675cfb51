//! Patience, by the host's policy: what is tried again, how often, and what ends a wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::world::{Said, World, asks, config, hello};

const SOON: &str = "{\"retries\": 3, \"first_ms\": 1, \"most_ms\": 200}";

fn soon() -> Value {
    serde_json::from_str(SOON).unwrap()
}

fn answered() -> Said {
    Said::json(
        200,
        &json!({
            "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        }),
    )
}

/// A server that refuses so often, with this status, and then answers.
fn world(policy: &Value, times: usize, status: u16, wait: &'static str) -> World {
    let asked = Arc::new(AtomicUsize::new(0));
    World::new("openai", config("openai"), policy, move |_, out| {
        if asked.fetch_add(1, Ordering::SeqCst) >= times {
            return answered().write(out);
        }
        if status == 0 {
            // It hangs up.
            return Ok(());
        }
        Said::json(status, &json!({"error": {"message": "Not now"}}))
            .with("retry-after", wait)
            .write(out)
    })
}

#[test]
fn a_rate_limit_an_overload_and_a_broken_connection_are_tried_again() {
    for status in [429, 503, 500, 0] {
        let world = world(&soon(), 3, status, "0");
        let answer = world.ask("chat", &hello("openai", false));
        assert_eq!(answer["content"][0]["text"], "Hi", "{status}: {answer}");
        assert_eq!(world.server.seen().len(), 4, "{status}");
    }
}

#[test]
fn each_try_has_its_own_record_and_the_policy_ends_them() {
    let world = world(&soon(), 100, 503, "0");
    let answer = world.ask("chat", &hello("openai", false));
    assert_eq!(answer["error"], "Overloaded", "{answer}");
    assert_eq!(world.server.seen().len(), 4);
    let journal = world.env.run(&["audit", "show", "--json"]).exits(0).json();
    let records = journal.as_array().unwrap().iter();
    let tries =
        records.filter(|record| record["kind"] == "call-began" && record["plugin"] == "openai");
    let mut calls: Vec<_> = tries.map(|record| record["call"].to_string()).collect();
    calls.sort();
    calls.dedup();
    assert_eq!(calls.len(), 4, "{journal}");
}

#[test]
fn what_would_fail_again_is_asked_once() {
    for status in [400, 401, 404] {
        let world = world(&soon(), 100, status, "0");
        let answer = world.ask("chat", &hello("openai", false));
        assert!(answer["error"].is_string(), "{answer}");
        assert_eq!(world.server.seen().len(), 1, "{status}");
    }
}

#[test]
fn a_provider_that_asks_to_wait_longer_than_the_bound_is_not_asked_again() {
    let world = world(&soon(), 100, 429, "3600");
    let answer = world.ask("chat", &hello("openai", false));
    assert_eq!(answer["retry_after_ms"], 3_600_000, "{answer}");
    assert_eq!(world.server.seen().len(), 1);
}

#[test]
fn models_are_asked_for_again_too_and_no_retries_are_none() {
    let patient = world(&soon(), 1, 503, "0");
    assert_eq!(
        patient.ask("models", &json!({"provider": "openai"})),
        json!([])
    );
    assert_eq!(patient.server.seen().len(), 2);
    let hasty = world(&json!({"retries": 0}), 1, 503, "0");
    assert_eq!(
        hasty.ask("chat", &hello("openai", false))["error"],
        "Overloaded"
    );
    assert_eq!(hasty.server.seen().len(), 1);
}

#[test]
fn whoever_gives_up_does_not_wait() {
    let long = json!({"retries": 5, "first_ms": 600_000, "most_ms": 600_000});
    let world = world(&long, 100, 503, "0");
    let mut mcp = world.env.mcp();
    mcp.initialize();
    let id = mcp.begin_call("asker__chat", hello("openai", false));
    while world.server.closed() == 0 {
        std::thread::yield_now();
    }
    mcp.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    // The connection answers the next call, and nothing of the first goes on.
    let other = asks(
        &mut mcp,
        &json!({"provider": "nobody", "model": "m", "messages": []}),
    );
    assert!(other["error"].is_string(), "{other}");
    assert_eq!(world.server.seen().len(), 1);
    drop(mcp);
}

#[test]
fn a_deadline_ends_a_wait() {
    let long = json!({"retries": 5, "first_ms": 600_000, "most_ms": 600_000});
    let world = world(&long, 100, 503, "0");
    let yaml = world.env.read(".parac/config/plugins.yaml");
    let mut yaml: Value = serde_json::from_str(&yaml).unwrap();
    yaml["plugins"][0]["limits"]["time_ms"] = json!(3000);
    world
        .env
        .write(".parac/config/plugins.yaml", &yaml.to_string());
    let asked = hello("openai", false).to_string();
    world
        .env
        .run(&["run", "asker__chat", "--args", &asked])
        .exits(5)
        .says(&["time_ms"]);
    assert_eq!(world.server.seen().len(), 1);
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_with_its_line() {
    for (policy, words) in [
        ("{retries: 11}", "from 0 to 10"),
        ("{first_ms: 0}", "from 1 to `most_ms`"),
        ("{first_ms: 30000}", "from 1 to `most_ms`"),
        ("{most_ms: 700000}", "up to 600000"),
        ("{tries: 1}", "tries"),
    ] {
        let env = crate::common::TestEnv::with_plugins(&[], &format!("providers: {policy}\n"));
        env.run(&["plugin", "list"])
            .exits(2)
            .says(&["plugins.yaml:1:", words]);
    }
}
