//! What is offered beside plugins' tools, over stdio in both eras: resources, prompts, suggestions, names, the host's own.

mod changes;
mod cut;
mod names;
pub(crate) mod offered;
mod own;

use serde_json::Value;

use crate::common::{McpServer, TestEnv};

/// The fixture that offers everything, allowed to ask.
const YAML: &str = "plugins: [{name: offers, grants: {ask: true}}]";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["offers"], YAML)
}

/// A server of each era.
fn both(env: &TestEnv) -> [McpServer; 2] {
    let mut legacy = env.mcp().with_elicitation();
    legacy.initialize();
    let mut modern = env.mcp().with_elicitation();
    modern.discover();
    [legacy, modern]
}

/// Returns a member of each item of a list.
fn each<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap();
    items
        .iter()
        .map(|item| item[member].as_str().unwrap())
        .collect()
}
