//! `git cleanup`.

use std::time::Duration;

use clap::ValueEnum;
use paracle_host::execution::CleanupOrder;
use paracle_host::model::{BranchName, ExecutionId, ExecutionStatus};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

const DAY: u64 = 24 * 60 * 60;

/// Removes executions that are merged, or were discarded, and says why the others stay
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An execution is merged if its newest commit is an ancestor of the target. One that a process has open is never removed; one
that is not merged, was interrupted or is too young, only if it is named and forced.

Ends with 4 if one that was named stays.

Examples:
  paracle-host git cleanup --target main --days 7
  paracle-host git cleanup --state discarded --dry-run
  paracle-host git cleanup 01M840Y8CXD1AYKJK8RJJCMVGR --force")]
pub(crate) struct Cleanup {
    /// Only these executions
    #[arg(value_name = "ID")]
    ids: Vec<ExecutionId>,
    /// The branch that must have all of an execution [default: the one it was merged to, or started from]
    #[arg(long, value_name = "BRANCH")]
    target: Option<BranchName>,
    /// Only executions that ended at least so many days ago
    #[arg(long, value_name = "N", default_value_t = 0)]
    days: u32,
    /// Only executions that stand so; may be given more than once
    #[arg(long, value_name = "STATE")]
    state: Vec<State>,
    /// Removes the named executions though they are not merged: what they did is lost
    #[arg(long, requires = "ids")]
    force: bool,
    /// Removes nothing: says what would go
    #[arg(long)]
    dry_run: bool,
}

/// Where an execution stands, as a person writes it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Merged,
    Kept,
    Discarded,
    Interrupted,
}

impl From<State> for ExecutionStatus {
    fn from(state: State) -> Self {
        match state {
            State::Merged => Self::Merged,
            State::Kept => Self::Kept,
            State::Discarded => Self::Discarded,
            State::Interrupted => Self::Active,
        }
    }
}

impl Cleanup {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let executions = context.executions()?;
        if let Some(target) = &self.target {
            executions.repo().resolve(target.as_str())?;
        }
        let states: Vec<ExecutionStatus> = self.state.iter().copied().map(Into::into).collect();
        let cleaned = executions.cleanup_with(&CleanupOrder {
            older_than: Duration::from_secs(u64::from(self.days) * DAY),
            target: self.target.as_ref(),
            states: &states,
            named: &self.ids,
            force: self.force,
            dry_run: self.dry_run,
        })?;
        let stayed: Vec<_> = cleaned
            .iter()
            .filter(|one| one.stays.is_some() && self.ids.contains(&one.id))
            .map(|one| one.id.to_string())
            .collect();
        let end = if stayed.is_empty() {
            Ok(())
        } else {
            let why = format!("not removed, though named: {}", stayed.join(", "));
            Err(Failure::conflict(why).told())
        };
        if context.json {
            output::json(&cleaned)?;
            return end;
        }
        if cleaned.is_empty() {
            return output::text("there is no execution to clean up");
        }
        let removed = if self.dry_run {
            "would remove"
        } else {
            "removed"
        };
        for one in cleaned {
            output::text(&match one.stays {
                None => format!("{removed} {}", one.branch),
                Some(why) => format!("kept    {}: {why}", one.branch),
            })?;
        }
        end
    }
}
