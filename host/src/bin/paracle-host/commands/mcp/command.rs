//! The words after `mcp`.

use super::config::Config;
use super::serve::Serve;
use super::token::TokenCommand;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum McpCommand {
    Serve(Serve),
    /// Who may call over HTTP
    #[command(subcommand)]
    Token(TokenCommand),
    Config(Config),
}

impl McpCommand {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Serve(command) => command.run(context),
            Self::Token(command) => command.run(context),
            Self::Config(command) => command.run(context),
        }
    }
}
