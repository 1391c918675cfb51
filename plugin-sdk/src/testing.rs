//! Running a tool on the developer's machine, without a host.

use crate::bindings::life_cycle::paracle::plugin::tool_types;
use crate::context::Context;
use crate::output::{IntoOutput, Output};
use crate::tool::{self, Tool, ToolError, ToolInfo};
use serde_json::Value;
use std::path::Path;

/// Calls a tool as the host would, without a workspace.
///
/// There is no host behind it: progress and logs go nowhere, and every other host interface answers "denied".
pub fn call<P, T: Tool<P>>(plugin: &mut P, arguments: &Value) -> Result<Output, ToolError> {
    run::<P, T>(plugin, None, arguments)
}

/// Calls a tool as the host would, with a folder as its workspace.
pub fn call_in<P, T: Tool<P>>(
    plugin: &mut P,
    workspace: &Path,
    arguments: &Value,
) -> Result<Output, ToolError> {
    run::<P, T>(
        plugin,
        Some(workspace.to_string_lossy().into_owned()),
        arguments,
    )
}

/// Returns what a tool tells its callers.
pub fn info<P, T: Tool<P>>() -> ToolInfo {
    tool::info::<P, T>()
}

fn run<P, T: Tool<P>>(
    plugin: &mut P,
    workspace: Option<String>,
    arguments: &Value,
) -> Result<Output, ToolError> {
    let call = tool_types::Context {
        call_id: "test".into(),
        agent_id: None,
        execution_id: None,
        workspace,
        config: "{}".into(),
    };
    tool::read::<P, T>(&arguments.to_string())?
        .call(&mut Context::new(plugin, &call))?
        .into_output()
}
