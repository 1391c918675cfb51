//! The words after `execution`.

use super::apply::Apply;
use super::conflicts::Conflicts;
use super::diff::Diff;
use super::discard::Discard;
use super::list::List;
use super::log::Log;
use super::materialize::Materialize;
use super::resolve::Resolve;
use super::resume::Resume;
use super::rewind::Rewind;
use super::show::Show;
use paracle_host::model::ExecutionId;

use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum ExecutionCommand {
    List(List),
    Show(Show),
    Log(Log),
    Diff(Diff),
    Resume(Resume),
    Rewind(Rewind),
    Materialize(Materialize),
    Discard(Discard),
    Conflicts(Conflicts),
    Resolve(Resolve),
    Apply(Apply),
}

impl ExecutionCommand {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let here = self.here().cloned();
        self.run_one(context)?;
        match here {
            Some(id) => context.tell_others(&id),
            None => Ok(()),
        }
    }

    fn run_one(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(List {}) => List::run(context),
            Self::Show(command) => command.run(context),
            Self::Log(command) => command.run(context),
            Self::Diff(command) => command.run(context),
            Self::Resume(command) => command.run(context),
            Self::Rewind(command) => command.run(context),
            Self::Materialize(command) => command.run(context),
            Self::Discard(command) => command.run(context),
            Self::Conflicts(command) => command.run(context),
            Self::Resolve(command) => command.run(context),
            Self::Apply(command) => command.run(context),
        }
    }

    /// Returns the execution of a command that works in one repository alone.
    const fn here(&self) -> Option<&ExecutionId> {
        match self {
            // What shows an execution lists its repositories, and what gives it up does so in all.
            Self::List(_) | Self::Show(_) | Self::Discard(_) => None,
            Self::Apply(Apply { id, .. })
            | Self::Log(Log { id, .. })
            | Self::Diff(Diff { id, .. })
            | Self::Resume(Resume { id, .. })
            | Self::Rewind(Rewind { id, .. })
            | Self::Materialize(Materialize { id, .. })
            | Self::Conflicts(Conflicts { id, .. })
            | Self::Resolve(Resolve { id, .. }) => Some(id),
        }
    }
}
