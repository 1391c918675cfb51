//! The commands, one a file.

mod agent;
mod audit;
mod completions;
mod doctor;
mod execution;
mod git;
mod grant;
mod init;
mod mcp;
mod plugin;
mod run;
pub(crate) mod workflow;

pub(crate) use agent::AgentCommand;
pub(crate) use audit::AuditCommand;
pub(crate) use completions::Completions;
pub(crate) use doctor::Doctor;
pub(crate) use execution::ExecutionCommand;
pub(crate) use git::GitCommand;
pub(crate) use grant::GrantCommand;
pub(crate) use init::Init;
pub(crate) use mcp::McpCommand;
pub(crate) use plugin::PluginCommand;
pub(crate) use run::Run;
pub(crate) use workflow::WorkflowCommand;
