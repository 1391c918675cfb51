//! A repository with agents and workflows, and a model that follows a script.

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

/// The agents.
const MANIFEST: &str = "\
schema_version: '1.0'
defaults: {provider: scripted, model: scripted, temperature: 0.2, max_tokens: 2000}
agents:
  - id: coder
    name: Coder
    role: Writes code
    description: Fixes bugs
    spec_file: specs/coder.md
    tools: [files__*]
    skills: [python]
  - id: reviewer
    name: Reviewer
    role: Reviews code
    tools: [files__read]
";

/// A repository whose `scripted` says these lines.
pub(crate) fn world(turns: &Value) -> TestEnv {
    let env = TestEnv::with_plugins(
        &["files", "scripted"],
        &format!(
            "plugins:\n  - {{name: files, grants: {{workspace: read-write}}}}\n  - {{name: scripted, config: {}}}\n",
            json!({ "turns": turns })
        ),
    );
    env.write(".parac/agents/manifest.yaml", MANIFEST);
    env.write(".parac/agents/specs/coder.md", "You fix bugs.\n");
    env
}

/// Has a model call tools.
pub(crate) fn calls(when: &str, at: usize, calls: &[(&str, Value)]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(name, arguments)| json!({"name": name, "arguments": arguments}))
        .collect();
    json!({"when": when, "at": at, "call": calls})
}

/// Has a workflow.
pub(crate) fn define(env: &TestEnv, name: &str, text: &str) {
    env.write(&format!(".parac/workflows/definitions/{name}.yaml"), text);
}

/// Runs a workflow, or an agent.
pub(crate) fn run(env: &TestEnv, what: &str, words: &[&str]) -> Output {
    env.run(&[&["run", what], words].concat())
}

/// Runs one and returns its document.
pub(crate) fn report(env: &TestEnv, what: &str, words: &[&str]) -> Value {
    run(env, what, &[words, &["--json"]].concat())
        .exits(0)
        .json()
}

/// Returns the branch of an execution.
pub(crate) fn branch(env: &TestEnv, execution: &Value) -> String {
    let id = execution.as_str().unwrap();
    let branches = env.git(&[
        "branch",
        "--list",
        &format!("exec/{id}/*"),
        "--format=%(refname:short)",
    ]);
    branches.trim().to_owned()
}
