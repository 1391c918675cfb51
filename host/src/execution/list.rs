//! What any process can see of the executions of a repository.

use super::lock::Lock;
use super::start::parse_branch;
use super::{ExecutionError, Executions};
use crate::git::{LineCount, Patch, RefName, TreeId};
use crate::model::{
    BranchInfo, BranchName, CommitId, Edit, ExecutionId, ExecutionInfo, ExecutionRecord,
    ExecutionStatus, MergeWaits,
};

/// What an execution changed since its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionDiff {
    /// The paths.
    pub edits: Vec<Edit>,
    /// How many lines of each file differ, in git's order.
    pub lines: Vec<LineCount>,
    /// The lines, perhaps cut.
    pub patch: Patch,
}

impl Executions {
    /// Lists all executions, the oldest first; one whose state cannot be read does not hide the others.
    pub fn list(&self) -> Result<Vec<ExecutionInfo>, ExecutionError> {
        Ok(self.look()?.0)
    }

    /// Shows one execution.
    pub fn show(&self, id: &ExecutionId) -> Result<ExecutionInfo, ExecutionError> {
        self.info(self.record(id)?)
    }

    /// Returns an execution's newest commit.
    pub fn tip(&self, id: &ExecutionId) -> Result<CommitId, ExecutionError> {
        self.tip_of(&self.record(id)?)
    }

    /// Compares an execution's newest commit with its base; the patch has at most about `limit` bytes.
    pub fn diff(&self, id: &ExecutionId, limit: usize) -> Result<ExecutionDiff, ExecutionError> {
        let record = self.record(id)?;
        let from = self.repo.commit(&record.base_commit)?.tree;
        let to = self.repo.commit(&self.tip_of(&record)?)?.tree;
        self.compare(from, to, limit)
    }

    pub(super) fn compare(
        &self,
        from: TreeId,
        to: TreeId,
        limit: usize,
    ) -> Result<ExecutionDiff, ExecutionError> {
        let (lines, patch) = self.repo.patch(from, to, limit)?;
        Ok(ExecutionDiff {
            edits: self.repo.edits(from, to)?,
            lines,
            patch,
        })
    }

    /// Lists the branches of executions, by name.
    pub fn branches(&self) -> Result<Vec<BranchInfo>, ExecutionError> {
        let mut branches = Vec::new();
        for (name, tip) in self.repo.list_refs("refs/heads/exec/*")? {
            let Some(name) = name
                .strip_prefix("refs/heads/")
                .and_then(|name| name.parse::<BranchName>().ok())
            else {
                continue;
            };
            let Some((id, time)) = parse_branch(&name) else {
                continue;
            };
            // A state that cannot be read is none: the branch is there all the same.
            let record = self
                .read_record(&id)
                .ok()
                .flatten()
                .map(|(_, record)| record)
                .filter(|record| record.branch == name);
            let commit_count = match &record {
                Some(record) => Some(
                    self.repo
                        .count_after(&record.base_commit, &tip.to_commit())?,
                ),
                None => None,
            };
            branches.push(BranchInfo {
                created_at: Some(
                    record
                        .as_ref()
                        .map_or_else(|| time.to_string(), |record| record.created_at.clone()),
                ),
                base_branch: record
                    .as_ref()
                    .and_then(|record| record.base_branch.clone()),
                status: record.as_ref().map(|record| record.status),
                running: Lock::is_held(&self.repo, &id),
                commit_count,
                execution_id: id,
                name,
            });
        }
        Ok(branches)
    }

    pub(super) fn records(&self) -> Result<Vec<ExecutionRecord>, ExecutionError> {
        let mut records = Vec::new();
        for (name, blob) in self.repo.list_refs("refs/paracle/executions/*")? {
            let id = name
                .strip_prefix("refs/paracle/executions/")
                .and_then(|rest| rest.strip_suffix("/state"));
            if let Some(id) = id
                && let Ok(record) = self.parse_record(id, blob)
            {
                records.push(record);
            }
        }
        records.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
        Ok(records)
    }

    pub(super) fn info(&self, record: ExecutionRecord) -> Result<ExecutionInfo, ExecutionError> {
        let tip = self.tip_of(&record)?;
        let running = Lock::is_held(&self.repo, &record.id);
        let unresolved = self
            .unresolved(&record.id)?
            .map_or_else(Vec::new, |merge| merge.open_paths());
        let merge_waits = if !unresolved.is_empty() {
            Some(MergeWaits::InConflict)
        } else if self.is_ready(&record, &tip)? {
            Some(MergeWaits::ReadyToMerge)
        } else {
            None
        };
        Ok(ExecutionInfo {
            running,
            interrupted: !running && record.status == ExecutionStatus::Active,
            commit_count: self.repo.count_after(&record.base_commit, &tip)?,
            branch_exists: self
                .repo
                .read_ref(&RefName::branch(&record.branch))?
                .is_some(),
            conflicts: self.conflict_refs(&record.id)?,
            unresolved,
            merge_waits,
            half_merged: if running {
                None
            } else {
                // A repository that is not there does not hide the others.
                self.half_merged(&record)
                    .unwrap_or_else(|error| Some(error.to_string()))
            },
            tip,
            record,
        })
    }

    /// Tells whether a merge of all of an execution waits for its target to move.
    fn is_ready(&self, record: &ExecutionRecord, tip: &CommitId) -> Result<bool, ExecutionError> {
        if record.ready_tip.as_ref() != Some(tip) || record.status == ExecutionStatus::Merged {
            return Ok(false);
        }
        let merge = RefName::execution(&record.id, "merge");
        let merge = self.repo.read_commit_ref(&merge)?;
        let Some((merge, target)) = merge.zip(record.base_branch.as_ref()) else {
            return Ok(false);
        };
        // A person may have moved it there.
        match self.repo.read_commit_ref(&RefName::branch(target))? {
            Some(target) => Ok(!self.repo.is_ancestor(&merge, &target)?),
            None => Ok(false),
        }
    }

    /// Returns the newest commit of an execution, even if its branch is gone.
    pub(super) fn tip_of(&self, record: &ExecutionRecord) -> Result<CommitId, ExecutionError> {
        if let Some(tip) = self
            .repo
            .read_commit_ref(&RefName::branch(&record.branch))?
        {
            return Ok(tip);
        }
        if let Some(tip) = self
            .repo
            .read_commit_ref(&RefName::execution(&record.id, "discarded"))?
        {
            return Ok(tip);
        }
        if let Some(tip) = &record.merged_tip {
            // A ref holds them, whatever the target has of them.
            return Ok(tip.clone());
        }
        match record
            .merge_commit
            .as_ref()
            .map(|commit| self.repo.commit(commit))
            .transpose()?
        {
            // The second parent of its merge is what was merged.
            Some(merge) if merge.parents.len() == 2 => Ok(merge.parents[1].clone()),
            _ => Ok(record.base_commit.clone()),
        }
    }

    pub(super) fn conflict_refs(&self, id: &ExecutionId) -> Result<Vec<String>, ExecutionError> {
        let refs = self
            .repo
            .list_refs(&RefName::execution(id, "conflicts/*").to_string())?;
        Ok(refs.into_iter().map(|(name, _)| name).collect())
    }
}
