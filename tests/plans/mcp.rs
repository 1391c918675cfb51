//! Agents and workflows, run by an assistant.

use serde_json::json;

use super::world::{calls, define, world};
use crate::common::TestEnv;

const TWO: &str = "\
description: Writes twice
inputs: {text: {type: string, required: true, description: What to write}, times: {type: integer, default: 1}}
steps:
  - {id: one, tool: files__write, outputs: [path], inputs: {path: one.txt, content: '{{ inputs.text }} {{ inputs.times }}'}}
  - {id: two, agent: coder, inputs: {path: '{{ steps.one.outputs.path }}'}, outputs: [said]}
outputs: {said: steps.two.outputs.said}
";

fn two() -> TestEnv {
    let env = world(&json!([
        calls("write it", 0, &[("files__write", json!({"path": "agent.txt", "content": "mine"}))]),
        {"say": "all done"},
    ]));
    define(&env, "two", TWO);
    env
}

#[test]
fn an_assistant_lists_and_runs_workflows_and_agents() {
    let env = two();
    let mut server = env.mcp();
    server.initialize();
    let tools = server.request("tools/list", json!({}))["result"]["tools"].to_string();
    for name in ["workflow_run", "workflow_list", "agent_run"] {
        assert!(tools.contains(&format!("\"{name}\"")), "{tools}");
    }
    let list = server.call("workflow_list", json!({}))["structuredContent"].clone();
    assert_eq!(list["workflows"][0]["workflow_id"], "two", "{list}");
    assert_eq!(
        list["workflows"][0]["inputs"]["required"],
        json!(["text"]),
        "{list}"
    );
    assert_eq!(list["agents"][0]["agent_id"], "coder", "{list}");

    let ran = server.call(
        "workflow_run",
        json!({"workflow_id": "two", "inputs": {"text": "hi"}}),
    );
    let report = &ran["structuredContent"];
    assert_eq!(report["success"], true, "{ran}");
    assert_eq!(report["outputs"], json!({"said": "all done"}), "{ran}");
    let id = report["execution"].as_str().unwrap();
    let branch = env.git(&[
        "branch",
        "--list",
        &format!("exec/{id}/*"),
        "--format=%(refname:short)",
    ]);
    assert_eq!(
        env.git(&["show", &format!("{}:one.txt", branch.trim())]),
        "hi 1"
    );
    // It is the caller's own, and complete: a person merges it while the connection lasts.
    let listed = server.call("execution_list", json!({})).to_string();
    assert!(listed.contains(id), "{listed}");
    env.run(&["git", "merge", branch.trim()]).exits(0);

    let ran = server.call(
        "agent_run",
        json!({"agent_id": "coder", "task": "write it"}),
    );
    let done = &ran["structuredContent"];
    assert_eq!(done["text"], "all done", "{ran}");
    let diff = server.call("execution_diff", json!({})).to_string();
    assert!(diff.contains("agent.txt"), "{diff}");
    server.close();
}

#[test]
fn what_is_wrong_is_an_error_that_the_assistant_can_act_on() {
    let env = two();
    let mut server = env.mcp();
    server.initialize();
    for (tool, arguments, says) in [
        (
            "workflow_run",
            json!({"workflow_id": "nope"}),
            "there are: two",
        ),
        (
            "workflow_run",
            json!({"workflow_id": "two"}),
            "needs the input text",
        ),
        (
            "workflow_run",
            json!({"workflow_id": "two", "inputs": {"text": 3}}),
            "no string",
        ),
        ("workflow_run", json!({"workflow": "two"}), "unknown field"),
        (
            "agent_run",
            json!({"agent_id": "nobody", "task": "x"}),
            "coder, reviewer",
        ),
        (
            "agent_run",
            json!({"agent_id": "coder"}),
            "missing field `task`",
        ),
    ] {
        let answer = server.call(tool, arguments);
        assert_eq!(answer["isError"], true, "{answer}");
        assert!(answer.to_string().contains(says), "{says}: {answer}");
    }
    server.close();
}

#[test]
fn agents_and_workflows_are_addresses_and_workflows_are_prompts() {
    let env = two();
    let mut server = env.mcp();
    server.initialize();
    let resources = server.request("resources/list", json!({})).to_string();
    for uri in ["agent://coder", "workflow://two"] {
        assert!(resources.contains(uri), "{resources}");
        let read = server
            .request("resources/read", json!({"uri": uri}))
            .to_string();
        assert!(read.contains("application/json"), "{read}");
    }
    let missing = server.request("resources/read", json!({"uri": "workflow://none"}));
    assert!(missing["error"].is_object(), "{missing}");
    let prompts = server.request("prompts/list", json!({}))["result"]["prompts"].clone();
    assert_eq!(prompts[0]["name"], "workflow_two", "{prompts}");
    let asked = json!({"name": "workflow_two", "arguments": {"text": "hi", "times": "2"}});
    let prompt = server.request("prompts/get", asked).to_string();
    assert!(
        prompt.contains("workflow_run") && prompt.contains("times"),
        "{prompt}"
    );
    let wrong = server.request(
        "prompts/get",
        json!({"name": "workflow_two", "arguments": {"times": "x", "text": "a"}}),
    );
    assert!(wrong.to_string().contains("times"), "{wrong}");
    server.close();
}

#[test]
fn without_agents_and_workflows_there_are_no_tools_for_them() {
    let env = TestEnv::with_plugins(&["files"], "plugins: [{name: files}]");
    let mut server = env.mcp();
    server.initialize();
    let tools = server.request("tools/list", json!({})).to_string();
    assert!(
        !tools.contains("workflow_") && !tools.contains("agent_run"),
        "{tools}"
    );
    server.close();
}
