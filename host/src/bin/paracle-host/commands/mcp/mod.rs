//! `mcp`: the tools for assistants.

mod command;
mod config;
mod serve;
mod token;

pub(crate) use command::McpCommand;
