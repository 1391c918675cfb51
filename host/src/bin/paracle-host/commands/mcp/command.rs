//! The words after `mcp`.

use super::config::Config;
use super::inspect::Inspect;
use super::install::{Install, Uninstall};
use super::list::List;
use super::serve::Serve;
use super::token::TokenCommand;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum McpCommand {
    Serve(Serve),
    Install(Install),
    Uninstall(Uninstall),
    List(List),
    /// Who may call over HTTP
    #[command(subcommand)]
    Token(TokenCommand),
    Config(Config),
    Inspect(Inspect),
}

impl McpCommand {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Serve(command) => command.run(context),
            Self::Install(command) => command.run(context),
            Self::Uninstall(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Token(command) => command.run(context),
            Self::Config(command) => command.run(context),
            Self::Inspect(command) => command.run(context),
        }
    }
}
