//! The words after `audit`.

use super::show::Show;
use super::verify::Verify;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum AuditCommand {
    Verify(Verify),
    Show(Show),
}

impl AuditCommand {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Verify(Verify {}) => Verify::run(context),
            Self::Show(command) => command.run(context),
        }
    }
}
