//! The words after `git`.

use super::branches::Branches;
use super::cleanup::Cleanup;
use super::init_workflow::InitWorkflow;
use super::merge::Merge;
use super::pr_create::PrCreate;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum GitCommand {
    InitWorkflow(InitWorkflow),
    Branches(Branches),
    Merge(Merge),
    PrCreate(PrCreate),
    Cleanup(Cleanup),
}

impl GitCommand {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::InitWorkflow(InitWorkflow {}) => InitWorkflow::run(context),
            Self::Branches(Branches {}) => Branches::run(context),
            Self::Merge(command) => command.run(context),
            Self::PrCreate(command) => command.run(context),
            Self::Cleanup(command) => command.run(context),
        }
    }
}
