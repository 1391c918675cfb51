//! Cleaning up: only what is provably merged, or was given up, and is old enough.

use std::time::Duration;

use serde::Serialize;

use super::lock::Lock;
use super::start::age;
use super::{ExecutionError, Executions};
use crate::git::{Moved, RefName};
use crate::model::{BranchName, ExecutionId, ExecutionRecord, ExecutionStatus};

/// What a cleanup did with one execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// The execution.
    pub id: ExecutionId,
    /// Its branch.
    pub branch: BranchName,
    /// Why it stays; none if its branch and state were removed.
    pub stays: Option<String>,
}

impl Executions {
    /// Removes executions that ended longer ago than `older_than`, if the target has all that they did; says why the others stay.
    pub fn cleanup(
        &self,
        older_than: Duration,
        target: Option<&BranchName>,
    ) -> Result<Vec<Cleaned>, ExecutionError> {
        let mut cleaned = Vec::new();
        for record in self.records()? {
            let stays = self.clean_one(&record, older_than, target)?;
            cleaned.push(Cleaned {
                id: record.id,
                branch: record.branch,
                stays,
            });
        }
        Ok(cleaned)
    }

    fn clean_one(
        &self,
        record: &ExecutionRecord,
        older_than: Duration,
        target: Option<&BranchName>,
    ) -> Result<Option<String>, ExecutionError> {
        let stays = |why: &str| Ok(Some(why.to_owned()));
        let Some(lock) = Lock::take(&self.repo, &record.id)? else {
            return stays("it is running");
        };
        // Read again under the lock: it may have been resumed or completed since it was listed.
        let Some((_, record)) = self.read_record(&record.id)? else {
            return Ok(None);
        };
        if record.status == ExecutionStatus::Active {
            return stays("it was interrupted: resume or discard it");
        }
        let ended = record.finished_at.as_deref().unwrap_or(&record.created_at);
        if age(self.now(), ended) < older_than {
            return stays("it is too young");
        }
        if record.status != ExecutionStatus::Discarded {
            if !self.conflict_refs(&record.id)?.is_empty() {
                return stays(
                    "it keeps changes of calls that did not fit: discard it to give them up",
                );
            }
            let target = target
                .or(record.merged_to.as_ref())
                .or(record.base_branch.as_ref());
            let Some(target) = target else {
                return stays(
                    "it started from a detached HEAD: name the branch that should have it",
                );
            };
            if !self.delete_merged_branch(&record, target)? {
                return Ok(Some(format!("{target} does not have all of it")));
            }
        }
        self.forget(&record)?;
        lock.remove();
        Ok(None)
    }

    /// Deletes a branch if the target provably has it; tells whether it is gone. The caller holds the lock.
    pub(super) fn delete_merged_branch(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
    ) -> Result<bool, ExecutionError> {
        let branch = RefName::branch(&record.branch);
        let Some(tip) = self.repo.read_commit_ref(&branch)? else {
            return Ok(true);
        };
        let Some(target) = self.repo.read_commit_ref(&RefName::branch(target))? else {
            return Ok(false);
        };
        let has_all =
            self.repo.is_ancestor(&tip, &target)? || self.has_rewritten(record, &tip, &target)?;
        if !has_all || self.repo.checkout_of(&record.branch)?.is_some() {
            return Ok(false);
        }
        Ok(self.repo.move_commit_ref(&branch, Some(&tip), None)? == Moved::Yes)
    }

    /// Removes an execution's refs, its state last, so that a crash leaves it listed. The caller holds the lock.
    pub(super) fn forget(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        let branch = RefName::branch(&record.branch);
        if self.repo.read_commit_ref(&branch)?.as_ref() == Some(&record.base_commit)
            && self.repo.checkout_of(&record.branch)?.is_none()
        {
            // Nothing was committed on it.
            let _: Moved = self
                .repo
                .move_commit_ref(&branch, Some(&record.base_commit), None)?;
        }
        let prefix = RefName::execution(&record.id, "");
        let mut refs = self.repo.list_refs(&format!("{prefix}*"))?;
        refs.sort_by_key(|(name, _)| name.ends_with("/state"));
        for (name, id) in refs {
            if let Some(leaf) = name.strip_prefix(prefix.as_str()) {
                let _: Moved =
                    self.repo
                        .move_ref(&RefName::execution(&record.id, leaf), Some(id), None)?;
            }
        }
        Ok(())
    }
}
