//! Workflows.

use serde_json::json;

use super::world::{branch, calls, define, report, run, world};
use crate::common::TestEnv;

/// One as the original project's folders hold them.
const BUGFIX: &str = "\
name: bugfix
version: 1.0.0
description: Finds, fixes and reviews
metadata: {author: somebody}
inputs:
  file: {type: string, description: Where it is, required: true}
  severity: {type: string, default: low, enum: [low, high]}
steps:
  - id: look
    name: Look
    tool: files__read
    inputs: {path: '{{ inputs.file }}'}
    outputs: [content]
  - id: fix
    name: Fix
    description: Fix the bug
    agent: coder
    config: {model: scripted, temperature: 0.1}
    depends_on: [look]
    inputs: {code: '{{ steps.look.outputs.content }}'}
    outputs: [summary]
    tools: [{name: files__write}]
  - id: notes
    name: Notes
    tool: files__write
    depends_on: [fix]
    inputs: {path: NOTES.md, content: '{{ steps.fix.outputs.summary }} ({{ inputs.severity }})'}
  - id: log
    name: Log
    tool: files__write
    depends_on: [fix]
    inputs: {path: LOG.md, content: logged}
  - id: review
    name: Review
    description: Review it
    agent: reviewer
    depends_on: [notes, log]
    outputs: [verdict, score]
outputs:
  verdict: {source: steps.review.outputs.verdict, description: What was found}
  score: {source: steps.review.outputs.score}
settings: {timeout: 300, retry_on_failure: true, max_retries: 2, log_level: INFO}
";

fn bugfix() -> TestEnv {
    let env = world(&json!([
        calls("Fix the bug", 0, &[("files__write", json!({"path": "src/main.rs", "content": "fn main() { fixed(); }\n"}))]),
        {"at": 1, "say": "fixed it"},
        {"when": "Review it", "say": "{\"verdict\": \"good\", \"score\": 5}"},
    ]));
    define(&env, "bugfix", BUGFIX);
    env.write(
        ".parac/workflows/catalog.yaml",
        "workflows:\n  - {name: bugfix, file: definitions/bugfix.yaml, description: Fixes, category: dev, status: active, tags: [bug]}\n",
    );
    env
}

#[test]
fn a_workflow_of_the_originals_form_runs_to_its_end_with_one_commit_a_step() {
    let env = bugfix();
    let before = env.checkout();
    env.write_own(
        "config.yaml",
        "prices: {scripted: {input_per_million: 1, output_per_million: 2}}\n",
    );
    let done = report(&env, "workflow:bugfix", &["file=src/main.rs"]);
    assert!(done["spent"]["cost"].as_f64().unwrap() > 0.0, "{done}");
    assert_eq!(
        done["outputs"],
        json!({"verdict": "good", "score": 5}),
        "{done}"
    );
    let branch = branch(&env, &done["execution"]);
    let steps = env.git(&[
        "log",
        "--reverse",
        "--format=%(trailers:key=Paracle-Step,valueonly)",
        &format!("main..{branch}"),
    ]);
    let mut steps: Vec<&str> = steps.split_whitespace().collect();
    assert_eq!(
        (steps.len(), steps[0], steps[1], steps[4]),
        (5, "look", "fix", "review"),
        "{steps:?}"
    );
    steps.sort_unstable();
    steps.dedup();
    assert_eq!(steps.len(), 5, "{steps:?}");
    assert_eq!(
        env.git(&["show", &format!("{branch}:NOTES.md")]),
        "fixed it (low)"
    );
    assert_eq!(env.git(&["show", &format!("{branch}:LOG.md")]), "logged");
    let messages = env.git(&["log", "--format=%B", &format!("main..{branch}")]);
    for trailer in [
        "Paracle-Agent: coder",
        "Paracle-Model: scripted",
        "Paracle-Tokens: ",
        "Paracle-Cost: ",
        "Paracle-Workflow: bugfix",
    ] {
        assert!(messages.contains(trailer), "{trailer}: {messages}");
    }
    assert_eq!(env.checkout(), before);
    // Nothing is left of the executions that the steps worked in.
    let executions = env.run(&["execution", "list", "--json"]).exits(0).json();
    assert_eq!(executions.as_array().map(Vec::len), Some(1), "{executions}");
    env.run(&["git", "merge", &branch]).exits(0);
    env.fsck();
}

#[test]
fn what_a_workflow_is_given_is_checked_before_anything_runs() {
    let env = bugfix();
    run(&env, "workflow:bugfix", &[])
        .exits(2)
        .says(&["needs the input file", "Where it is"]);
    run(&env, "workflow:bugfix", &["file=a", "severity=none"])
        .exits(2)
        .says(&["severity", "\"low\", \"high\""]);
    run(&env, "workflow:bugfix", &["file=a", "other=1"])
        .exits(2)
        .says(&["no input \"other\"", "file, severity"]);
    run(&env, "workflow:bugfix", &["file:=3"])
        .exits(2)
        .says(&["file", "no string"]);
    assert!(env.git(&["branch", "--list", "exec/*"]).is_empty());
}

#[test]
fn a_dry_run_shows_the_graph_and_runs_nothing() {
    let env = bugfix();
    let output = run(&env, "workflow:bugfix", &["file=a", "--dry-run"]).exits(0);
    assert!(
        output
            .stdout
            .contains("3   notes by tool files__write, after fix"),
        "{output:?}"
    );
    assert!(env.git(&["branch", "--list", "exec/*"]).is_empty());
    let shown = env
        .run(&["workflow", "show", "bugfix", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        shown["waves"],
        json!([["look"], ["fix"], ["notes", "log"], ["review"]]),
        "{shown}"
    );
}

#[test]
fn independent_steps_that_change_one_file_are_merged_and_those_that_change_one_line_follow_each_other()
 {
    let env = world(&json!([]));
    let lines: Vec<String> = (0..60).map(|line| format!("line {line};\n")).collect();
    env.write("text.txt", &lines.concat());
    env.git(&["add", "text.txt"]);
    env.git(&["commit", "-qm", "text"]);
    let step = |id: &str, line: &str, to: &str| {
        format!(
            "  - {{id: {id}, tool: files__edit, inputs: {{path: text.txt, old: '{line}', new: '{to}'}}}}\n"
        )
    };
    let text = [
        "steps:\n".to_owned(),
        step("a", "line 3;", "A"),
        step("b", "line 30;", "B"),
        step("c", "line 55;", "C"),
    ]
    .concat();
    define(&env, "edits", &text);
    let done = report(&env, "workflow:edits", &[]);
    let branch = branch(&env, &done["execution"]);
    let text = env.git(&["show", &format!("{branch}:text.txt")]);
    for word in ["A", "B", "C"] {
        assert!(
            text.lines().any(|line| line.starts_with(word)),
            "{word}: {text}"
        );
    }
    let same = ["1", "2", "3"].map(|to| format!("  - {{id: s{to}, tool: files__write, inputs: {{path: same.txt, content: 'by {to}'}}}}\n"));
    define(
        &env,
        "same",
        &["steps:\n".to_owned(), same.concat()].concat(),
    );
    let done = report(&env, "workflow:same", &[]);
    assert_eq!(done["success"], true, "{done}");
}

#[test]
fn a_step_that_fails_is_tried_again_and_stops_the_workflow_or_not_as_its_file_says() {
    let env = world(&json!([]));
    let steps = |more: &str| {
        format!(
            "steps:\n  - {{id: first, tool: files__write, inputs: {{path: a.txt, content: a}}}}\n  \
             - {{id: bad, tool: files__read, inputs: {{path: nothing.txt}}, retries: 2{more}}}\n  \
             - {{id: after, tool: files__write, depends_on: [bad], inputs: {{path: b.txt, content: b}}}}\n  \
             - {{id: beside, tool: files__write, depends_on: [first], inputs: {{path: c.txt, content: c}}}}\n"
        )
    };
    define(&env, "stops", &steps(""));
    let output = run(&env, "workflow:stops", &[])
        .exits(1)
        .says(&["step bad", "nothing.txt"]);
    assert_eq!(
        output.stderr.matches("is tried again").count(),
        2,
        "{output:?}"
    );
    define(&env, "goes-on", &steps(", on_failure: continue"));
    let output = run(&env, "workflow:goes-on", &["--json"]).exits(1);
    let report = output.json();
    let end = |id: &str| {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id).unwrap()["end"].clone()
    };
    assert_eq!(
        [end("first"), end("bad"), end("after"), end("beside")],
        [
            json!("done"),
            json!("failed"),
            json!("skipped"),
            json!("done")
        ]
    );
}

#[test]
fn a_step_and_a_workflow_end_at_their_timeouts() {
    let env = world(&json!([{"call": [{"name": "files__list", "arguments": {}}]}]));
    let manifest = env.read(".parac/agents/manifest.yaml");
    env.write(
        ".parac/agents/manifest.yaml",
        &manifest.replace("    skills: [python]\n", "    limits: {turns: 10000}\n"),
    );
    define(
        &env,
        "slow",
        "steps:\n  - {id: slow, agent: coder, timeout: 1}\n",
    );
    run(&env, "workflow:slow", &[])
        .exits(1)
        .says(&["step slow", "1 s"]);
    define(
        &env,
        "all",
        "settings: {timeout: 1}\nsteps:\n  - {id: slow, agent: coder}\n",
    );
    run(&env, "workflow:all", &[])
        .exits(1)
        .says(&["not done within 1 s", "settings"]);
}
