//! The commands, one a file.

mod completions;
mod doctor;
mod execution;
mod git;
mod init;
mod mcp;
mod plugin;
mod run;

pub(crate) use completions::Completions;
pub(crate) use doctor::Doctor;
pub(crate) use execution::ExecutionCommand;
pub(crate) use git::GitCommand;
pub(crate) use init::Init;
pub(crate) use mcp::McpCommand;
pub(crate) use plugin::PluginCommand;
pub(crate) use run::Run;
