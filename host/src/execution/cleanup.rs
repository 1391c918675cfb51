//! Cleaning up: only what is provably merged, or was given up, and is old enough.

use std::time::Duration;

use serde::Serialize;

use super::intent::half_merged;
use super::lock::Lock;
use super::start::age;
use super::{ExecutionError, Executions};
use crate::git::{Moved, RefName};
use crate::model::{BranchName, ExecutionId, ExecutionRecord, ExecutionStatus};

/// What a cleanup is to look at, and how far it may go.
#[derive(Debug, Clone, Copy, Default)]
pub struct CleanupOrder<'a> {
    /// Only executions that ended at least so long ago.
    pub older_than: Duration,
    /// The branch that must have all of an execution; without one, the one it was merged to, or started from.
    pub target: Option<&'a BranchName>,
    /// Only executions that stand so; none means any that ended.
    pub states: &'a [ExecutionStatus],
    /// Only these; none means all.
    pub named: &'a [ExecutionId],
    /// Removes what is named though it is not merged, young or interrupted; never what a process has open.
    pub force: bool,
    /// Changes nothing.
    pub dry_run: bool,
}

/// What a cleanup did with one execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// The execution.
    pub id: ExecutionId,
    /// Its branch.
    pub branch: BranchName,
    /// Why it stays; none if its branch and state were removed, or would be.
    pub stays: Option<String>,
}

impl Executions {
    /// Removes executions that ended longer ago than `older_than`, if the target has all that they did; says why the others stay.
    pub fn cleanup(
        &self,
        older_than: Duration,
        target: Option<&BranchName>,
    ) -> Result<Vec<Cleaned>, ExecutionError> {
        self.cleanup_with(&CleanupOrder {
            older_than,
            target,
            ..CleanupOrder::default()
        })
    }

    /// Removes what an order says, and nothing that is unmerged or open unless it is named and forced.
    pub fn cleanup_with(&self, order: &CleanupOrder<'_>) -> Result<Vec<Cleaned>, ExecutionError> {
        let records = if order.named.is_empty() {
            self.records()?
        } else {
            let named = order.named.iter().map(|id| self.record(id));
            named.collect::<Result<_, _>>()?
        };
        let mut cleaned = Vec::new();
        for record in records {
            if !order.states.is_empty() && !order.states.contains(&record.status) {
                continue;
            }
            let stays = if record.members.is_empty() {
                self.clean_one(&record, order)?
            } else {
                self.clean_everywhere(&record.id, order)?
            };
            cleaned.push(Cleaned {
                id: record.id,
                branch: record.branch,
                stays,
            });
        }
        Ok(cleaned)
    }

    /// Removes an execution of several repositories in all of them, or says which keeps it.
    fn clean_everywhere(
        &self,
        id: &ExecutionId,
        order: &CleanupOrder<'_>,
    ) -> Result<Option<String>, ExecutionError> {
        let forced = order.force && order.named.contains(id);
        let parts = match self.everywhere(id) {
            Ok(parts) => parts,
            // By name, a person gives up what is here.
            Err(_) if forced => return self.clean_one(&self.record(id)?, order),
            Err(error) => return Ok(Some(error.to_string())),
        };
        if !forced && let Some(told) = half_merged(id, &parts)? {
            return Ok(Some(format!("it is half merged: {told}")));
        }
        for dry_run in [true, order.dry_run] {
            for (name, part) in parts.iter() {
                let order = CleanupOrder {
                    dry_run,
                    // A branch was named of this repository.
                    target: order.target.filter(|_| self.is_of(&part.executions)),
                    ..*order
                };
                let stays = part.executions.clean_one(&part.record, &order)?;
                if let Some(why) = stays {
                    let name = name.map_or_else(String::new, |name| format!("{name}: "));
                    return Ok(Some(format!("{name}{why}")));
                }
            }
        }
        Ok(None)
    }

    fn clean_one(
        &self,
        record: &ExecutionRecord,
        order: &CleanupOrder<'_>,
    ) -> Result<Option<String>, ExecutionError> {
        let Some(lock) = Lock::take(&self.repo, &record.id)? else {
            return stays("it is running");
        };
        // Read again under the lock: it may have been resumed or completed since it was listed.
        let Some((_, record)) = self.read_record(&record.id)? else {
            return Ok(None);
        };
        // Only a name is a person's word for this one.
        let forced = order.force && order.named.contains(&record.id);
        if self.repo.checkout_of(&record.branch)?.is_some() {
            return stays("its branch is checked out");
        }
        if !forced && let Some(why) = self.why_it_stays(&record, order)? {
            return Ok(Some(why));
        }
        if order.dry_run {
            return Ok(None);
        }
        let branch = RefName::branch(&record.branch);
        if let Some(tip) = self.repo.read_commit_ref(&branch)? {
            // Somebody may have committed on it since, or given the branch back to the target.
            let still = forced || self.why_it_stays(&record, order)?.is_none();
            let gone = still && self.repo.move_commit_ref(&branch, Some(&tip), None)? == Moved::Yes;
            if !gone {
                return stays("its branch moved just now");
            }
        }
        self.forget(&record)?;
        lock.remove();
        Ok(None)
    }

    /// Says what keeps an execution from being removed by age and state; none if nothing does. The caller holds the lock.
    fn why_it_stays(
        &self,
        record: &ExecutionRecord,
        order: &CleanupOrder<'_>,
    ) -> Result<Option<String>, ExecutionError> {
        if record.status == ExecutionStatus::Active {
            return stays("it was interrupted: resume or discard it");
        }
        let ended = record.finished_at.as_deref().unwrap_or(&record.created_at);
        if age(self.now(), ended) < order.older_than {
            return stays("it is too young");
        }
        if record.status == ExecutionStatus::Discarded {
            let branch = RefName::branch(&record.branch);
            return match self.repo.read_commit_ref(&branch)? {
                Some(tip) if tip != record.base_commit => {
                    stays("its branch is there, though it was discarded: delete it yourself")
                }
                Some(_) | None => Ok(None),
            };
        }
        if !self.left_refs(&record.id)?.is_empty() {
            return stays(
                "it keeps checkpoints that it was rewound from: `--force` with its id gives them up",
            );
        }
        if !self.conflict_refs(&record.id)?.is_empty() {
            return stays(
                "it keeps changes of calls that did not fit: `--force` with its id gives them up",
            );
        }
        if record.unchanged {
            // The other repositories say.
            return Ok(None);
        }
        let target = order
            .target
            .or(record.merged_to.as_ref())
            .or(record.base_branch.as_ref());
        let Some(target) = target else {
            return Ok(Some(format!(
                "it started from {}: name the branch that should have it",
                record.branchless()
            )));
        };
        if self.is_merged_into(record, target)? {
            Ok(None)
        } else {
            Ok(Some(format!("{target} does not have all of it")))
        }
    }

    /// Tells whether a branch has all of an execution: its newest commit is an ancestor, or its branch is gone already.
    fn is_merged_into(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
    ) -> Result<bool, ExecutionError> {
        let branch = RefName::branch(&record.branch);
        let Some(tip) = self.repo.read_commit_ref(&branch)? else {
            return Ok(true);
        };
        match self.repo.read_commit_ref(&RefName::branch(target))? {
            Some(target) => Ok(self.repo.is_ancestor(&tip, &target)?
                || self.has_rewritten(record, &tip, &target)?),
            None => Ok(false),
        }
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
        if !self.is_merged_into(record, target)? || self.repo.checkout_of(&record.branch)?.is_some()
        {
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
        if !record.members.is_empty() {
            self.unsay(&record.id);
        }
        Ok(())
    }
}

/// Says why an execution stays.
#[expect(clippy::unnecessary_wraps, reason = "each caller ends with it")]
fn stays(why: &str) -> Result<Option<String>, ExecutionError> {
    Ok(Some(why.to_owned()))
}
