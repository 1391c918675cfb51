//! Executions whose state cannot be read: listed with what is wrong, and given up without losing what is on their branches.

use std::collections::BTreeMap;

use serde::Serialize;

use super::lock::Lock;
use super::record::SCHEMA;
use super::start::parse_branch;
use super::{ExecutionError, Executions};
use crate::git::{Batch, Moved, RefName};
use crate::model::{
    BranchName, CommitId, ExecutionId, ExecutionInfo, ExecutionRecord, ExecutionStatus,
};

/// Commits that are looked at for where an execution began, at the most.
const MOST: usize = 10_000;

/// An execution whose state cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// Its id, as its ref says.
    pub id: String,
    /// Always `damaged`.
    pub status: &'static str,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl Executions {
    /// Lists all executions, the oldest first, and those that cannot be read.
    pub fn look(&self) -> Result<(Vec<ExecutionInfo>, Vec<Damaged>), ExecutionError> {
        let (mut infos, mut damaged) = (Vec::new(), BTreeMap::new());
        for (name, note) in self.repo.list_refs("refs/paracle/executions/*")? {
            let Some(id) = id_of(&name) else { continue };
            let info = self.parse_record(id, note);
            match info.and_then(|record| self.info(record)) {
                Ok(info) => infos.push(info),
                Err(error) => {
                    damaged.insert(id.to_owned(), error.to_string());
                }
            }
        }
        for (name, why) in self.repo.broken_refs("refs/paracle/executions") {
            if let Some(id) = id_of(&name) {
                damaged.insert(id.to_owned(), why);
            }
        }
        infos.sort_by(|a, b| {
            let by =
                |info: &ExecutionInfo| (info.record.created_at.clone(), info.record.id.clone());
            by(a).cmp(&by(b))
        });
        let damaged = damaged.into_iter().map(|(id, why)| Damaged {
            status: "damaged",
            reason: if why.contains("--force") {
                why
            } else {
                format!(
                    "{why}: `paracle-host execution discard {id} --force` gives it up, and keeps what is on its branch"
                )
            },
            id,
        });
        Ok((infos, damaged.collect()))
    }

    /// Gives an execution up as [`discard`](Self::discard) does, also one whose state cannot be read: by force, or where nothing
    /// is on its branch. None if nothing is left of it.
    pub fn discard_with(
        &self,
        id: &ExecutionId,
        force: bool,
    ) -> Result<Option<ExecutionRecord>, ExecutionError> {
        match self.record(id) {
            Err(error @ ExecutionError::Damaged { .. }) => self.discard_damaged(id, force, error),
            Ok(_) | Err(_) => self.discard(id).map(Some),
        }
    }

    fn discard_damaged(
        &self,
        id: &ExecutionId,
        force: bool,
        error: ExecutionError,
    ) -> Result<Option<ExecutionRecord>, ExecutionError> {
        let Some(lock) = Lock::take(&self.repo, id)? else {
            return Err(ExecutionError::Running { id: id.clone() });
        };
        let mut branches = Vec::new();
        for (name, tip) in self.repo.list_refs(&format!("refs/heads/exec/{id}/*"))? {
            let branch = name
                .strip_prefix("refs/heads/")
                .map(str::parse::<BranchName>);
            if let Some(Ok(branch)) = branch
                && parse_branch(&branch).is_some()
            {
                branches.push((branch, tip.to_commit()));
            }
        }
        let prefix = RefName::execution(id, "");
        let own = || self.repo.list_refs(&format!("{prefix}*"));
        let mut has_work = own()?.iter().any(|(name, _)| id_of(name).is_none());
        for (branch, tip) in &branches {
            has_work |= !self.is_a_persons(tip)?;
            if let Some(checkout) = self.repo.checkout_of(branch)? {
                return Err(ExecutionError::Materialized {
                    id: id.clone(),
                    branch: branch.clone(),
                    path: checkout.path,
                });
            }
        }
        if has_work && !force {
            return Err(error);
        }
        // What is to be kept is kept before anything goes.
        let newest = branches.last().cloned();
        for (_, tip) in branches.iter().filter(|_| has_work) {
            self.keep_under(id, "abandoned", tip)?;
        }
        let state = RefName::execution(id, "state");
        self.repo.remove_broken(&state)?;
        let record = match newest.filter(|_| has_work) {
            Some((branch, tip)) => Some(self.rebuilt(id, branch, &tip)?),
            None => None,
        };
        if let Some(record) = &record {
            self.pin(id, "discarded", newest_of(&branches))?;
            let old = self.repo.read_ref(&state)?;
            let mut objects = Batch::default();
            let state = self.add_record(&mut objects, old, record)?;
            if self.repo.store_and_move(&objects, &[state])? == Moved::Elsewhere {
                return Err(ExecutionError::Running { id: id.clone() });
            }
        }
        for (branch, tip) in &branches {
            let name = RefName::branch(branch);
            let _: Moved = self.repo.move_commit_ref(&name, Some(tip), None)?;
        }
        if record.is_none() {
            for (name, to) in own()? {
                if let Some(leaf) = name.strip_prefix(prefix.as_str())
                    // Without a branch, what else is kept stays where it is.
                    && (leaf == "state" || !has_work)
                {
                    let name = RefName::execution(id, leaf);
                    let _: Moved = self.repo.move_ref(&name, Some(to), None)?;
                }
            }
            self.unsay(id);
            lock.remove();
        }
        Ok(record)
    }

    /// Tells whether a branch of a person's has a commit.
    fn is_a_persons(&self, commit: &CommitId) -> Result<bool, ExecutionError> {
        for (name, at) in self.repo.list_refs("refs/heads/*")? {
            if !name.starts_with("refs/heads/exec/")
                && self.repo.is_ancestor(commit, &at.to_commit())?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a state of what is on a branch: each call's commit says whose it is.
    fn rebuilt(
        &self,
        id: &ExecutionId,
        branch: BranchName,
        tip: &CommitId,
    ) -> Result<ExecutionRecord, ExecutionError> {
        let ours = format!("Paracle-Execution: {id}");
        let mut base = tip.clone();
        for _ in 0..MOST {
            let commit = self.repo.commit(&base)?;
            match commit.parents.into_iter().next() {
                Some(parent) if commit.message.lines().any(|line| line == ours) => base = parent,
                Some(_) | None => break,
            }
        }
        let now = self.now();
        Ok(ExecutionRecord {
            schema: SCHEMA,
            id: id.clone(),
            base_branch: None,
            base_commit: base,
            created_at: parse_branch(&branch)
                .map_or(now, |(_, time)| time)
                .to_string(),
            branch,
            finished_at: Some(now.to_string()),
            status: ExecutionStatus::Discarded,
            merge_commit: None,
            merged_to: None,
            uncommitted_on: None,
            merged_tip: None,
            members: Vec::new(),
            unchanged: false,
            detached: false,
            plan: None,
            step_of: None,
            ready_tip: None,
        })
    }
}

fn newest_of(branches: &[(BranchName, CommitId)]) -> Option<&CommitId> {
    branches.last().map(|(_, tip)| tip)
}

/// Returns the id of the execution whose state a ref is.
fn id_of(name: &str) -> Option<&str> {
    name.strip_prefix("refs/paracle/executions/")?
        .strip_suffix("/state")
}
