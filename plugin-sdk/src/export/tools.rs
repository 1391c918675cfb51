//! `tool`: the table of a plugin's tools.

use super::slot::{Guest, HostedTools, NOT_STARTED, with};
use crate::bindings::life_cycle::paracle::plugin::tool_types;
use crate::bindings::tool::exports::paracle::plugin::tool as exported;
use crate::context::Context;
use crate::output::Output;
use crate::tool::{Entry, ToolError, ToolInfo};

impl<H: HostedTools> exported::Guest for Guest<H> {
    fn list_tools() -> Vec<ToolInfo> {
        H::TOOLS.iter().map(|entry| (entry.info)()).collect()
    }

    fn validate_parameters(name: String, arguments: String) -> Result<(), ToolError> {
        (find::<H>(name)?.validate)(&arguments)
    }

    fn execute(
        name: String,
        context: tool_types::Context,
        arguments: String,
    ) -> Result<Output, ToolError> {
        let entry = find::<H>(name)?;
        with::<H, _>(|plugin| (entry.execute)(&arguments, &mut Context::new(plugin, &context)))
            .unwrap_or_else(|| Err(ToolError::runtime(NOT_STARTED)))
    }
}

fn find<H: HostedTools>(name: String) -> Result<&'static Entry<H::Plugin>, ToolError> {
    H::TOOLS
        .iter()
        .find(|entry| entry.name == name)
        .ok_or(ToolError::UnknownTool(name))
}
