//! `mcp`: the tools for assistants.

mod command;
mod config;
mod serve;

pub(crate) use command::McpCommand;
