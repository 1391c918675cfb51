//! The words after `grant`.

use super::add::Add;
use super::checks::Checks;
use super::explain::Explain;
use super::list::List;
use super::revoke::Revoke;
use super::trust::Trust;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum GrantCommand {
    Add(Add),
    List(List),
    Revoke(Revoke),
    Explain(Explain),
    Trust(Trust),
    Checks(Checks),
}

impl GrantCommand {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(context).await,
            Self::List(command) => command.run(context).await,
            Self::Revoke(command) => command.run(context),
            Self::Explain(command) => command.run(context).await,
            Self::Trust(command) => command.run(context).await,
            Self::Checks(command) => command.run(context),
        }
    }
}
