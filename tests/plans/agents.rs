//! Agents.

use serde_json::json;

use super::world::{branch, calls, report, run, world};

#[test]
fn an_agent_calls_its_tools_and_its_changes_are_on_a_branch() {
    let env = world(&json!([
        calls("fix it", 0, &[
            ("files__read", json!({"path": "src/main.rs"})),
            ("files__write", json!({"path": "src/main.rs", "content": "fn main() { fixed(); }\n"})),
        ]),
        {"at": 1, "say": "It is fixed."},
    ]));
    let before = env.checkout();
    let done = report(&env, "agent:coder", &["fix it"]);
    assert_eq!(done["text"], "It is fixed.", "{done}");
    assert_eq!(done["spent"]["turns"], 2, "{done}");
    assert_eq!(done["spent"]["calls"], 2, "{done}");
    let branch = branch(&env, &done["execution"]);
    assert!(
        env.git(&["show", &format!("{branch}:src/main.rs")])
            .contains("fixed()")
    );
    assert_eq!(env.checkout(), before);
    let output = run(&env, "agent:coder", &["fix it"]).exits(0);
    assert_eq!(output.stdout.trim(), "It is fixed.");
    assert!(
        output
            .stderr
            .contains("take it over: paracle-host git merge"),
        "{output:?}"
    );
}

#[test]
fn an_agent_calls_no_tool_that_its_file_does_not_give_it() {
    let env = world(&json!([
        calls("try", 0, &[("files__write", json!({"path": "own.txt", "content": "mine"}))]),
        {"when": "there is no tool", "say": "I was not let."},
        {"say": "I was let."},
    ]));
    let done = report(&env, "agent:reviewer", &["try"]);
    assert_eq!(done["text"], "I was not let.", "{done}");
    assert!(env.git(&["branch", "--list", "exec/*"]).is_empty());
}

#[test]
fn a_tool_of_an_agents_has_its_own_grants_and_no_more() {
    let env = world(&json!([
        calls("try", 0, &[("files__write", json!({"path": "own.txt", "content": "mine"}))]),
        {"say": "I was refused."},
    ]));
    let yaml = env.read(".parac/config/plugins.yaml");
    env.write(
        ".parac/config/plugins.yaml",
        &yaml.replace("read-write", "read-only"),
    );
    let done = report(&env, "agent:coder", &["try"]);
    assert_eq!(done["text"], "I was refused.", "{done}");
    let refused = done["refused"].to_string();
    assert!(
        refused.contains("read-write") && refused.contains("plugins.yaml"),
        "{done}"
    );
}

#[test]
fn an_agent_ends_at_its_limits_and_says_which_key_raises_them() {
    let env = world(&json!([{"call": [{"name": "files__list", "arguments": {}}]}]));
    let manifest = env.read(".parac/agents/manifest.yaml");
    let limit = |limits: &str| {
        let text = manifest.replace("    skills: [python]\n", &format!("    limits: {limits}\n"));
        env.write(".parac/agents/manifest.yaml", &text);
        run(&env, "agent:coder", &["go on"]).exits(5)
    };
    limit("{turns: 3}").says(&["3 turns", "limits: { turns: … }", "manifest.yaml"]);
    limit("{tokens: 10}").says(&["10 tokens", "limits: { tokens: … }"]);
    env.write_own(
        "config.yaml",
        "prices: {'script*': {input_per_million: 100000, output_per_million: 0}}\n",
    );
    limit("{cost: 0.5}").says(&["0.5 US dollars", "limits: { cost: … }"]);
    limit("{time_s: 1, turns: 10000}").says(&["1 s", "limits: { time_s: … }"]);
}

#[test]
fn what_an_agent_lacks_is_told_with_what_to_write() {
    let env = world(&json!([]));
    run(&env, "agent:nobody", &["do it"])
        .exits(2)
        .says(&["no agent \"nobody\"", "coder, reviewer"]);
    run(&env, "agent:coder", &[])
        .exits(2)
        .says(&["say what agent coder is to do", "run agent:coder \"TASK\""]);
    let manifest = env.read(".parac/agents/manifest.yaml");
    env.write(
        ".parac/agents/manifest.yaml",
        &manifest.replace("provider: scripted", "provider: elsewhere"),
    );
    run(&env, "agent:coder", &["do it"])
        .exits(2)
        .says(&["elsewhere"]);
    env.write(
        ".parac/agents/manifest.yaml",
        &manifest.replace("model: scripted", "model: other"),
    );
    run(&env, "agent:coder", &["do it"])
        .exits(1)
        .says(&["scripted", "other"]);
}

#[test]
fn agents_are_listed_and_shown_as_they_are() {
    let env = world(&json!([]));
    let list = env.run(&["agent", "list"]).exits(0).stdout;
    assert!(
        list.contains("coder") && list.contains("reviewer"),
        "{list}"
    );
    let shown = env.run(&["agent", "show", "coder"]).exits(0).stdout;
    assert!(
        shown.contains("You fix bugs.") && shown.contains("files__edit"),
        "{shown}"
    );
}
