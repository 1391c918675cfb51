//! The provider `openai` against a gateway that others wrote: `cargo xtask gateway` starts it, and runs what is ignored
//! otherwise.

use serde_json::{Value, json};

use super::world::hello;
use crate::common::TestEnv;

/// What `gateway.yaml` wants of whoever asks.
const KEY: &str = "sk-gateway-of-the-tests";

/// A repository whose `openai` is the gateway.
fn world() -> TestEnv {
    let port = std::env::var("PARACLE_GATEWAY");
    let port = port.unwrap_or_else(|_| panic!("run `cargo xtask gateway`: it starts the gateway"));
    let base = format!("http://127.0.0.1:{port}");
    let reach = json!({
        "network": [format!("* {base}")], "secrets": ["KEY@127.0.0.1"], "completions": ["openai"],
    });
    let config = json!({"base_url": format!("{base}/v1"), "key": "KEY"});
    let yaml = json!({
        "providers": {"retries": 1, "first_ms": 1},
        "plugins": [
            {"name": "asker", "grants": reach},
            {"name": "openai", "config": config, "grants": {"network": reach["network"], "secrets": reach["secrets"]}},
        ],
    });
    let env = TestEnv::new();
    env.install(&["asker", "openai"], &yaml.to_string());
    env.write_own("secret", KEY);
    env.write_own("config.yaml", "secrets: { KEY: { file: secret } }\n");
    env.trust(&["asker", "openai"]);
    env
}

fn ask(env: &TestEnv, tool: &str, arguments: &Value) -> Value {
    let tool = format!("asker__{tool}");
    let output = env.run(&["run", &tool, "--json", "--args", &arguments.to_string()]);
    output.exits(0).json()["reply"]["ok"]["structured"].clone()
}

fn of(model: &str, stream: bool) -> Value {
    let mut asked = hello("openai", stream);
    asked["model"] = model.into();
    asked
}

#[test]
#[ignore = "the gateway comes from PyPI: `cargo xtask gateway`"]
fn a_gateway_answers_whole_and_in_a_stream() {
    let env = world();
    for stream in [false, true] {
        let answer = ask(&env, "chat", &of("plain", stream));
        assert_eq!(
            answer["content"],
            json!([{"text": "Hello from behind the gateway."}]),
            "{answer}"
        );
        assert_eq!(answer["finish"], "Stop", "{answer}");
        assert!(answer["usage"][2].as_u64().unwrap() > 0, "{answer}");
    }
}

#[test]
#[ignore = "the gateway comes from PyPI: `cargo xtask gateway`"]
fn a_gateway_asks_for_tools() {
    let mut asked = of("calls", false);
    let parameters = json!({"type": "object"});
    asked["tools"] = json!([{"name": "weather__now", "description": "Tells the weather.", "parameters": parameters}]);
    // Its own answers ask for tools as a whole only: in a stream it leaves the calls out.
    let answer = ask(&world(), "chat", &asked);
    let call = json!([{"call": ["call_1", "weather__now", "{\"city\":\"Oslo\"}"]}]);
    assert_eq!(answer["content"], call, "{answer}");
    assert_eq!(answer["finish"], "ToolCalls", "{answer}");
}

#[test]
#[ignore = "the gateway comes from PyPI: `cargo xtask gateway`"]
fn errors_of_a_gateway_are_told_apart() {
    let env = world();
    for (model, error) in [
        ("limited", "RateLimit"),
        ("broken", "Connection"),
        ("long", "InvalidRequest"),
        ("nobodys", "UnknownModel"),
    ] {
        for stream in [false, true] {
            let answer = ask(&env, "chat", &of(model, stream));
            assert_eq!(answer["error"], error, "{model} {stream}: {answer}");
        }
    }
}

#[test]
#[ignore = "the gateway comes from PyPI: `cargo xtask gateway`"]
fn a_gateway_lists_its_models() {
    let listed = ask(&world(), "models", &json!({"provider": "openai"}));
    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|model| &model["id"])
        .collect();
    for id in ["plain", "calls", "limited", "broken", "long"] {
        assert!(ids.iter().any(|other| *other == id), "{listed}");
    }
}

#[test]
#[ignore = "the gateway comes from PyPI: `cargo xtask gateway`"]
fn a_workflow_runs_with_a_model_behind_a_gateway() {
    let env = world();
    env.write(
        ".parac/agents/manifest.yaml",
        "defaults: {provider: openai, model: plain}\nagents: [{id: greeter, role: You greet.}]\n",
    );
    env.write(
        ".parac/workflows/definitions/greet.yaml",
        "steps:\n  - {id: one, agent: greeter, outputs: [said]}\n  \
         - {id: two, agent: greeter, inputs: {before: '{{ steps.one.outputs.said }}'}}\n\
         outputs: {said: steps.one.outputs.said}\n",
    );
    let done = env
        .run(&["run", "workflow:greet", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        done["outputs"]["said"], "Hello from behind the gateway.",
        "{done}"
    );
    assert_eq!(done["spent"]["turns"], 2, "{done}");
    assert!(
        done["spent"]["prompt_tokens"].as_u64().unwrap() > 0,
        "{done}"
    );
    let branch = env.git(&["branch", "--list", "exec/*", "--format=%(refname:short)"]);
    let said = env.git(&["log", "--format=%B", &format!("main..{}", branch.trim())]);
    assert_eq!(said.matches("Paracle-Model: ").count(), 2, "{said}");
    assert_eq!(said.matches("Paracle-Tokens: ").count(), 2, "{said}");
}
