//! Taking an execution up again that a process left, and saying what is found.

use serde::Serialize;

use super::{ExecutionError, Executions};
use crate::git::RefName;
use crate::model::{CheckpointInfo, ExecutionId, ExecutionInfo, ExecutionRecord, ExecutionStatus};

/// An execution that can be gone on with, and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// As it is now.
    #[serde(flatten)]
    pub info: ExecutionInfo,
    /// Whether its process had been interrupted.
    pub was_interrupted: bool,
    /// Its newest checkpoint.
    pub last: Option<CheckpointInfo>,
    /// What was found, a sentence each.
    pub found: Vec<String>,
}

impl Executions {
    /// Takes an interrupted or kept execution up again: mends what a killed process left, and keeps it for the next call,
    /// whichever process makes that.
    pub fn recover(&self, id: &ExecutionId) -> Result<Recovered, ExecutionError> {
        let before = self.show(id)?;
        // It holds the lock to the end of this function.
        let execution = self.resume(id)?;
        let was_interrupted = before.interrupted;
        let mut found = Vec::new();
        if was_interrupted {
            found.push(
                "its process ended without completing it; a call that was not committed is lost, all checkpoints are here"
                    .to_owned(),
            );
        }
        if !before.branch_exists {
            found.push("its branch was gone, and is there again, at its base".to_owned());
        }
        if !self.settle_landed_merge(execution.record(), &mut found)? {
            self.settle(id, ExecutionStatus::Kept)?;
        }
        drop(execution);
        let info = self.show(id)?;
        let log = self.log_of(&info.record)?;
        for conflict in &info.conflicts {
            found.push(format!(
                "the changes of a call that did not fit are kept under {conflict}"
            ));
        }
        for left in &log.left {
            found.push(format!(
                "{} checkpoint(s) that were rewound are kept under {}",
                left.checkpoints, left.kept
            ));
        }
        if info.record.uncommitted_on.is_some() {
            found.push(
                "it began with your uncommitted work of that time, which a merge leaves out"
                    .to_owned(),
            );
        }
        if let Some(checkout) = self.repo.checkout_of(&info.record.branch)? {
            found.push(format!(
                "it is checked out in {}: `git worktree remove` removes that",
                checkout.path.display()
            ));
        }
        Ok(Recovered {
            was_interrupted,
            last: log.checkpoints.into_iter().next_back(),
            found,
            info,
        })
    }

    /// Notes a merge that landed before its process could say so; tells whether there was one.
    fn settle_landed_merge(
        &self,
        record: &ExecutionRecord,
        found: &mut Vec<String>,
    ) -> Result<bool, ExecutionError> {
        let Some(commit) = self
            .repo
            .read_commit_ref(&RefName::execution(&record.id, "merge"))?
        else {
            return Ok(false);
        };
        let Some(target) = &record.base_branch else {
            return Ok(false);
        };
        let at = self.repo.read_commit_ref(&RefName::branch(target))?;
        if let Some(at) = at
            && self.repo.is_ancestor(&commit, &at)?
        {
            let now = self.now().to_string();
            let tip = self.tip_of(record)?;
            // A merge of one parent put other commits there.
            let rewritten = !self.repo.is_ancestor(&tip, &at)?;
            if rewritten {
                self.pin(&record.id, "merged", Some(&tip))?;
            }
            self.update_record(&record.id, |record| {
                record.status = ExecutionStatus::Merged;
                record.finished_at = Some(now.clone());
                record.merged_to = Some(target.clone());
                record.merge_commit = Some(commit.clone());
                record.merged_tip = rewritten.then(|| tip.clone());
            })?;
            self.pin(&record.id, "merge", None)?;
            found.push(format!("its merge into {target} had landed as {commit}"));
            return Ok(true);
        }
        found.push(format!(
            "a merge into {target} was prepared and did not land: `paracle-host git merge {}` tries again",
            record.id
        ));
        Ok(false)
    }
}
