//! `mcp`: the tools for assistants.

mod client;
mod command;
mod config;
mod inspect;
mod install;
mod list;
mod lookout;
mod serve;
mod token;

pub(crate) use command::McpCommand;
