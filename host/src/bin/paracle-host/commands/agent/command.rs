//! The words after `agent`.

use super::list::List;
use super::show::Show;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum AgentCommand {
    List(List),
    Show(Show),
}

impl AgentCommand {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(List {}) => List::run(context).await,
            Self::Show(command) => command.run(context).await,
        }
    }
}
