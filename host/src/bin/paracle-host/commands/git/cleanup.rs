//! `git cleanup`.

use std::time::Duration;

use paracle_host::model::BranchName;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

const DAY: u64 = 24 * 60 * 60;

/// Removes the branches of executions that are merged, or were discarded, and says why the others stay
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host git cleanup --target main --days 7")]
pub(crate) struct Cleanup {
    /// The branch that must have all of an execution [default: the one it was merged to, or started from]
    #[arg(long, value_name = "BRANCH")]
    target: Option<BranchName>,
    /// Only executions that ended at least so many days ago
    #[arg(long, value_name = "N", default_value_t = 0)]
    days: u32,
}

impl Cleanup {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let age = Duration::from_secs(u64::from(self.days) * DAY);
        let executions = context.executions()?;
        if let Some(target) = &self.target {
            executions.repo().resolve(target.as_str())?;
        }
        let cleaned = executions.cleanup(age, self.target.as_ref())?;
        if context.json {
            return output::json(&cleaned);
        }
        if cleaned.is_empty() {
            return output::text("there is no execution to clean up");
        }
        for one in cleaned {
            output::text(&match one.stays {
                None => format!("removed {}", one.branch),
                Some(why) => format!("kept    {}: {why}", one.branch),
            })?;
        }
        Ok(())
    }
}
