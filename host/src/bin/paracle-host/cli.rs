//! The words of the command line, and which command each leads to.

use clap::{ArgAction, Parser, Subcommand};

use crate::commands::{
    AgentCommand, AuditCommand, Completions, Doctor, ExecutionCommand, GitCommand, GrantCommand,
    Init, McpCommand, PluginCommand, Run, WorkflowCommand,
};
use crate::context::Context;
use crate::exit::Failure;
use crate::threads;

/// Runs an assistant's tools as sandboxed WebAssembly components, and lands each change on a git branch of its own.
#[derive(Debug, Parser)]
#[command(
    name = "paracle-host",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "\
To begin, in a git repository:
  paracle-host init --samples                           writes .parac with sample plugins
  paracle-host run files__write path=NOTES.md content=hi
  paracle-host execution list                           shows what ran, and where its changes are
  paracle-host git merge exec/ID/TIME                   takes them over

Exit codes: 0 done, 1 the plugin or tool failed, 2 bad usage or configuration, 3 refused by policy, 4 conflict, \
5 limit or deadline."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) context: Context,
    /// Tells more on standard error; twice tells everything
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Everywhere")]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Init),
    Run(Run),
    /// Shows the plugins: what is loaded, what each may do, how each feels
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Shows the agents that this repository has
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Shows the workflows that this repository has, and checks them
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    /// Grants plugins what you allow them on this machine, and says what they have
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Works with the branches that executions leave
    #[command(subcommand)]
    Git(GitCommand),
    /// Shows executions and what each changed, goes on with one, goes back in one, or gives one up
    #[command(subcommand)]
    Execution(ExecutionCommand),
    /// Shows what happened here, and verifies that nobody changed the record of it
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Serves the tools to assistants by the Model Context Protocol
    #[command(subcommand)]
    Mcp(McpCommand),
    Doctor(Doctor),
    Completions(Completions),
}

impl Cli {
    /// Does what the words say.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let context = &self.context;
        match self.command {
            Command::Init(command) => command.run(context),
            Command::Run(command) => command.run(context),
            Command::Plugin(command) => threads::run(command.run(context)),
            Command::Agent(command) => threads::run(command.run(context)),
            Command::Workflow(command) => threads::run(command.run(context)),
            Command::Grant(command) => threads::run(command.run(context)),
            Command::Git(command) => command.run(context),
            Command::Execution(command) => command.run(context),
            Command::Audit(command) => command.run(context),
            Command::Mcp(command) => command.run(context),
            Command::Doctor(command) => command.run(context),
            Command::Completions(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn verify_cli() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_an_example() {
        fn check(command: &clap::Command) {
            assert!(
                command.get_about().is_some(),
                "{} has no sentence",
                command.get_name()
            );
            if command.has_subcommands() {
                command.get_subcommands().for_each(check);
            } else {
                let example = command
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(
                    example.contains("paracle-host "),
                    "{} has no example",
                    command.get_name()
                );
            }
        }
        check(&Cli::command());
    }
}
