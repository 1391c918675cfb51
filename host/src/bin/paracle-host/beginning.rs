//! The flags that say which execution calls belong to, and where it begins.

use std::sync::Arc;

use paracle_host::config::Settings;
use paracle_host::execution::{Included, Origin};
use paracle_host::flow::{CallError, Host};
use paracle_host::model::ExecutionId;

use crate::exit::Failure;

/// Which execution calls belong to.
#[derive(Debug, clap::Args)]
pub(crate) struct Beginning {
    /// Goes on with an execution, or names a new one
    #[arg(long, value_name = "ID")]
    execution: Option<ExecutionId>,
    /// Begins the execution at this branch, tag or commit; a merge goes to the branch [default: `base_branch` of git.yaml, or
    /// else HEAD]
    #[arg(long, value_name = "REF")]
    from: Option<String>,
    /// Begins the execution with the checkout as it is: HEAD and what is uncommitted, but not what git ignores; a merge leaves
    /// that out
    #[arg(long, conflicts_with = "from")]
    include_dirty: bool,
}

impl Beginning {
    /// Tells whether an execution or its beginning was named.
    pub(crate) const fn is_said(&self) -> bool {
        self.execution.is_some() || self.from.is_some() || self.include_dirty
    }

    /// Refuses a beginning that several repositories cannot have in common.
    pub(crate) fn check(&self, settings: &Settings) -> Result<(), Failure> {
        if settings.members.is_empty() || (self.from.is_none() && !self.include_dirty) {
            return Ok(());
        }
        Err(Failure::usage(
            "`--from` and `--include-dirty` say where an execution of one repository begins: of several, each begins at its own \
             `base_branch` of git.yaml, or else HEAD",
        ))
    }

    /// Names the execution, and has it begin where it was said; also what uncommitted work it begins with.
    pub(crate) async fn begin(
        self,
        host: &Arc<Host>,
    ) -> Result<(ExecutionId, Option<Included>), CallError> {
        let id = self.execution.unwrap_or_else(ExecutionId::generate);
        let origin = match self.from {
            Some(name) => Some(Origin::Named(name)),
            None => self.include_dirty.then_some(Origin::Checkout),
        };
        let included = match origin {
            None => None,
            Some(origin) => host.start_from(&id, origin).await?.included,
        };
        Ok((id, included))
    }
}
