//! `cargo xtask clients`: clients that others wrote call the fixtures over standard input and output, in both eras.

use std::process::Command;

use serde_json::Value;

use crate::cargo::{capture, root, show};
use crate::error::Error;
use crate::fixtures::Fixtures;
use crate::node::Node;
use crate::python;

/// The Inspector's command line.
const INSPECTOR: &str = "@modelcontextprotocol/inspector/clients/launcher/build/index.js";

/// What the Inspector ends with where the tool answered with an error.
const TOOL_ERROR: i32 = 5;

/// Runs every client.
pub(crate) fn clients() -> Result<(), Error> {
    let node = Node::provide()?;
    let fixtures = Fixtures::make("clients")?;
    for era in ["legacy", "modern"] {
        inspector(&node, &fixtures, era)?;
    }
    python(&fixtures)
}

/// Calls as the Inspector does.
fn inspector(node: &Node, fixtures: &Fixtures, era: &str) -> Result<(), Error> {
    let call = |words: &[&str]| {
        let mut command = node.script(INSPECTOR);
        command.arg("--cli").arg(&fixtures.host);
        command.args([
            "mcp",
            "serve",
            "--stdio",
            "--protocol-era",
            era,
            "--format",
            "json",
            "--quiet",
        ]);
        for (name, value) in fixtures.variables() {
            command.arg("-e").arg(format!("{name}={}", value.display()));
            command.env(name, value);
        }
        command.args(words).current_dir(&fixtures.repository);
        command
    };
    let listed = answer(&mut call(&["--method", "tools/list"]))?;
    expect(&listed, "test_simple_text")?;
    let text = answer(&mut call(&[
        "--method",
        "tools/call",
        "--tool-name",
        "test_simple_text",
    ]))?;
    expect(&text, "This is a simple text response for testing.")?;
    let greeted = answer(&mut call(&[
        "--method",
        "tools/call",
        "--tool-name",
        "greet",
        "--tool-arg",
        "name=Ada",
    ]))?;
    expect(&greeted, "Hello, Ada!")?;
    let mut failing = call(&[
        "--method",
        "tools/call",
        "--tool-name",
        "test_error_handling",
    ]);
    let failed = failing.output().map_err(|source| Error::Start {
        program: "the Inspector".to_owned(),
        source,
    })?;
    if failed.status.code() != Some(TOOL_ERROR) {
        return Err(Error::Demo(format!(
            "the Inspector did not see a tool's error as one: {}",
            String::from_utf8_lossy(&failed.stderr)
        )));
    }
    let read = answer(&mut call(&[
        "--method",
        "resources/read",
        "--uri",
        "test://static-text",
    ]))?;
    expect(&read, "This is the content of the static text resource.")?;
    let prompt = answer(&mut call(&[
        "--method",
        "prompts/get",
        "--prompt-name",
        "test_simple_prompt",
    ]))?;
    expect(&prompt, "This is a simple prompt for testing.")?;
    println!("inspector {era}: ok");
    Ok(())
}

fn answer(command: &mut Command) -> Result<Value, Error> {
    let text = capture(command)?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Demo(format!("the Inspector wrote no JSON, {error}: {text}")))
}

fn expect(answer: &Value, words: &str) -> Result<(), Error> {
    if answer.to_string().contains(words) {
        Ok(())
    } else {
        Err(Error::Demo(format!("{words:?} is not in {answer}")))
    }
}

/// Calls as Python's clients do.
fn python(fixtures: &Fixtures) -> Result<(), Error> {
    let programs = python::provide("python-clients", "requirements.txt")?;
    let source = root().join("xtask/python");
    let mut calls = Command::new(programs.join("python"));
    calls.arg(source.join("clients.py")).arg(&fixtures.host);
    for (name, value) in fixtures.variables() {
        calls.env(name, value);
    }
    show(calls.current_dir(&fixtures.repository))
}
