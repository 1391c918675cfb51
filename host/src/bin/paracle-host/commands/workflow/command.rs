//! The words after `workflow`.

use super::check::Check;
use super::list::List;
use super::show::Show;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum WorkflowCommand {
    List(List),
    Show(Show),
    Check(Check),
}

impl WorkflowCommand {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(List {}) => List::run(context).await,
            Self::Show(command) => command.run(context).await,
            Self::Check(command) => command.run(context).await,
        }
    }
}
