//! Taking an execution up again that a process left, and saying what is found.

use serde::Serialize;

use super::{ExecutionError, Executions};
use crate::git::RefName;
use crate::model::{
    CheckpointInfo, CommitId, ExecutionId, ExecutionInfo, ExecutionRecord, ExecutionStatus,
};

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
        let execution = if before.record.unchanged {
            self.reopen(id)?
        } else {
            self.resume(id)?
        };
        let was_interrupted = before.interrupted;
        let mut found = Vec::new();
        if was_interrupted {
            found.push(
                "its process ended without completing it; a call that was not committed is lost, all checkpoints are here"
                    .to_owned(),
            );
        }
        if !before.branch_exists && !before.record.unchanged {
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
        let Some(target) = &record.base_branch else {
            return Ok(false);
        };
        let pinned = self
            .repo
            .read_commit_ref(&RefName::execution(&record.id, "merge"))?;
        if let Some(at) = self.repo.read_commit_ref(&RefName::branch(target))?
            && let Some(commit) = self.landed(record, pinned.as_ref(), &at)?
        {
            found.push(format!("its merge into {target} had landed as {commit}"));
            self.note_merge(record, target, Some(commit))?;
            self.pin(&record.id, "merge", None)?;
            return Ok(true);
        }
        if pinned.is_none() {
            return Ok(false);
        }
        found.push(format!(
            "a merge into {target} was prepared and did not land: `paracle-host git merge {}` tries again",
            record.id
        ));
        Ok(false)
    }

    /// Finds what a merge of ours put onto a target: the commit that was pinned for it, or a merge commit that says so itself.
    fn landed(
        &self,
        record: &ExecutionRecord,
        pinned: Option<&CommitId>,
        target: &CommitId,
    ) -> Result<Option<CommitId>, ExecutionError> {
        if let Some(pinned) = pinned {
            let landed = self.repo.is_ancestor(pinned, target)?;
            return Ok(landed.then(|| pinned.clone()));
        }
        let tip = self.tip_of(record)?;
        let Some(commit) = self.repo.merge_of(&tip, &record.base_commit, target)? else {
            return Ok(None);
        };
        let ours = format!("Paracle-Execution: {}", record.id);
        let message = self.repo.commit(&commit)?.message;
        // A person who merged the branch by hand may go on with it.
        Ok(message.lines().any(|line| line == ours).then_some(commit))
    }
}
