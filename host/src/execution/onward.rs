//! Where a person goes on with a merge that waits for decisions.

use super::{Executions, Unresolved};
use crate::model::{ExecutionId, ExecutionRecord, Member, Members, MergeStrategy};

impl Unresolved {
    /// Returns the command that merges the execution as it was to be merged, where less than that says otherwise.
    pub fn merge_command(&self, record: &ExecutionRecord, configured: MergeStrategy) -> String {
        let mut words = format!("paracle-host git merge {}", record.id);
        if record.base_branch.as_ref() != Some(&self.target) {
            words = format!("{words} --target {}", self.target);
        }
        if let Some(strategy) = self.strategy.filter(|strategy| *strategy != configured) {
            words = format!("{words} --strategy {strategy}");
        }
        words
    }
}

impl Executions {
    /// Names the other repositories of an execution in which its merge waits for decisions, as far as they can be looked at.
    pub fn unresolved_elsewhere(&self, id: &ExecutionId) -> Vec<Member> {
        let (Ok(record), Ok(Members::Several(parts))) = (self.record(id), self.everywhere(id))
        else {
            return Vec::new();
        };
        let waits = |member: &Member| {
            parts.iter().any(|(name, part)| {
                let merge = || part.executions.unresolved(id);
                *name == member.name && merge().is_ok_and(|merge| merge.is_some())
            })
        };
        record.members.into_iter().filter(waits).collect()
    }
}
