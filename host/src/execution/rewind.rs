//! Rewinding: the branch moves back to a checkpoint, and what it leaves is kept.

use serde::Serialize;

use super::{ExecutionError, Executions};
use crate::git::{Moved, RefName};
use crate::model::{BranchName, CommitId, ExecutionId};

/// How a rewinding ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rewound {
    /// The execution.
    pub id: ExecutionId,
    /// Its branch.
    pub branch: BranchName,
    /// The checkpoint's number; none if it is one that an earlier rewinding left.
    pub checkpoint: Option<usize>,
    /// The commit that the branch is at now.
    pub commit: CommitId,
    /// The commit that it was at.
    pub left: CommitId,
    /// The ref that keeps that one until a cleanup; none if the branch was there already.
    pub kept: Option<String>,
}

impl Executions {
    /// Moves an execution's branch back to a checkpoint, or to one that an earlier rewinding left; not while a process has
    /// it open, and not under a checkout.
    pub fn rewind(&self, id: &ExecutionId, to: &str) -> Result<Rewound, ExecutionError> {
        let (_lock, record) = self.take(id)?;
        let name = RefName::branch(&record.branch);
        let Some(left) = self.repo.read_commit_ref(&name)? else {
            return Err(Self::no_branch(&record));
        };
        let (checkpoint, commit) = self.find_checkpoint(&record, to)?;
        let kept = if commit == left {
            None
        } else {
            if let Some(checkout) = self.repo.checkout_of(&record.branch)? {
                return Err(ExecutionError::Materialized {
                    id: id.clone(),
                    branch: record.branch,
                    path: checkout.path,
                });
            }
            // Kept before the branch leaves it.
            let kept = self.keep_left(id, &left)?;
            if self
                .repo
                .move_commit_ref(&name, Some(&left), Some(&commit))?
                == Moved::Elsewhere
            {
                return Err(ExecutionError::Crowded {
                    branch: record.branch,
                });
            }
            Some(kept)
        };
        Ok(Rewound {
            id: id.clone(),
            branch: record.branch,
            checkpoint,
            commit,
            left,
            kept,
        })
    }

    fn keep_left(&self, id: &ExecutionId, commit: &CommitId) -> Result<String, ExecutionError> {
        let refs = self.left_refs(id)?;
        if let Some((name, _)) = refs.iter().find(|(_, kept)| kept == commit) {
            return Ok(name.clone());
        }
        self.keep_under(id, "rewound", commit)
    }

    /// Keeps a commit that nothing else may reach under the next free number of an execution's own refs.
    pub(super) fn keep_under(
        &self,
        id: &ExecutionId,
        leaf: &str,
        commit: &CommitId,
    ) -> Result<String, ExecutionError> {
        let mut number = 1;
        loop {
            let name = RefName::execution(id, &format!("{leaf}/{number}"));
            if self.repo.read_ref(&name)?.is_none()
                && self.repo.move_commit_ref(&name, None, Some(commit))? == Moved::Yes
            {
                return Ok(name.to_string());
            }
            number += 1;
        }
    }
}
