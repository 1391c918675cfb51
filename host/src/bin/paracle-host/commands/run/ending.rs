//! The flags that say how an execution ends, each in the place of a key of git.yaml.

use paracle_host::model::{ExecutionSettings, MergeStrategy};

use crate::strategy::strategy_values;

/// How the execution is to end, where it is not as configured.
#[derive(Debug, clap::Args)]
pub(super) struct Ending {
    /// What a merge leaves: merge, squash or rebase [default: `strategy:` in git.yaml]
    #[arg(long, value_name = "STRATEGY", hide_possible_values = true, value_parser = strategy_values())]
    strategy: Option<MergeStrategy>,
    /// Merges nothing, whatever `auto_merge:` and `enable_branching:` in git.yaml say
    #[arg(long)]
    no_merge: bool,
    /// Commits nothing: says what the call would have changed, and gives it up
    #[arg(long, conflicts_with = "merge")]
    no_commit: bool,
    /// Keeps the branch when it is merged
    #[arg(long)]
    keep_branch: bool,
}

impl Ending {
    /// Puts what was said in the place of what is configured.
    pub(super) fn apply(&self, settings: &mut ExecutionSettings) {
        let mut ended = std::mem::take(settings).at_the_end();
        // That is said now, and not again.
        ended.enable_branching = true;
        if let Some(strategy) = self.strategy {
            ended.strategy = strategy;
        }
        ended.auto_merge &= !self.no_merge;
        ended.auto_commit &= !self.no_commit;
        ended.auto_cleanup &= !self.keep_branch;
        *settings = ended;
    }
}
