//! The person's uncommitted work as a base: a commit of its own, which no merge brings anywhere.

use super::{Base, ExecutionError, Executions};
use crate::git::NewCommit;
use crate::model::{BranchName, CommitId, Edit, ExecutionId, ExecutionRecord};

/// Paths that a sentence names, at the most.
const NAMED: usize = 10;

/// The uncommitted work that an execution begins with.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Included {
    /// The person's commit that it is based on.
    pub on: CommitId,
    /// What differs from that commit.
    pub changed: Vec<Edit>,
    /// Folders that are repositories of their own, whose files are not included.
    pub repositories: Vec<String>,
}

impl Included {
    /// Says in a sentence what is included.
    pub fn told(&self) -> String {
        let more = match self.changed.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named: Vec<&str> = self
            .changed
            .iter()
            .take(NAMED)
            .map(|edit| edit.path.as_str())
            .collect();
        let mut told = format!(
            "the execution began with what is uncommitted in the checkout: {}{more}; a merge leaves that out, and it stays yours to commit",
            named.join(", ")
        );
        if !self.repositories.is_empty() {
            told.push_str("; not included, because they are repositories of their own: ");
            told.push_str(&self.repositories.join(", "));
        }
        told
    }
}

impl Executions {
    /// Makes a base of the checkout as it is, ignored files left out; without uncommitted work it is HEAD itself.
    pub(super) fn base_of_checkout(
        &self,
        id: &ExecutionId,
    ) -> Result<(Base, Option<Included>), ExecutionError> {
        let repo = &self.repo;
        let (on, branch) = repo.head()?;
        let detached = branch.is_none();
        let files = repo.checkout_tree()?;
        let changed = repo.edits(repo.commit(&on)?.tree, files.tree)?;
        if changed.is_empty() {
            let commit = on;
            let base = Base {
                commit,
                branch,
                detached,
                step_of: None,
            };
            return Ok((base, None));
        }
        let place = branch
            .as_ref()
            .map_or("a detached HEAD", |branch| branch.as_str());
        let commit = repo.make_commit(&NewCommit {
            tree: files.tree,
            parents: std::slice::from_ref(&on),
            message: &format!("[{id}] what was uncommitted on {place}"),
            trailers: &[
                ("Paracle-Execution".to_owned(), id.to_string()),
                ("Paracle-Uncommitted".to_owned(), on.to_string()),
            ],
        })?;
        let included = Included {
            on,
            changed,
            repositories: files.repositories,
        };
        let base = Base {
            commit,
            branch,
            detached,
            step_of: None,
        };
        Ok((base, Some(included)))
    }

    /// Returns the commit under the uncommitted work of another execution, where a commit comes from that: what starts there
    /// would bring the work along.
    pub(super) fn uncommitted_under(
        &self,
        commit: &CommitId,
    ) -> Result<Option<CommitId>, ExecutionError> {
        for record in self.records()? {
            if record.uncommitted_on.is_some()
                && self.repo.is_ancestor(&record.base_commit, commit)?
            {
                return Ok(record.uncommitted_on);
            }
        }
        Ok(None)
    }

    /// Tells whether a branch's commit lacks the uncommitted work that an execution began with, so that a merge must leave it out.
    pub(super) fn is_apart(
        &self,
        record: &ExecutionRecord,
        target: &CommitId,
    ) -> Result<bool, ExecutionError> {
        Ok(record.uncommitted_on.is_some()
            && !self.repo.is_ancestor(&record.base_commit, target)?)
    }

    /// Says why what an execution did to uncommitted work fits nowhere. It is not kept for decisions: decided on its branch,
    /// which has that work, it would bring it along.
    pub(super) fn unfit(record: &ExecutionRecord, target: &BranchName, paths: &[String]) -> String {
        format!(
            "execution {} began with your uncommitted work, and it and {target} changed the same in {}: commit that work on {target} if it is not yet, and merge again; or take its commits over one by one with `git cherry-pick {}..{}`",
            record.id,
            paths.join(", "),
            record.base_commit,
            record.branch
        )
    }

    /// Refuses what would publish a branch with the person's uncommitted work in it.
    pub fn check_publishable(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        match record.uncommitted_on {
            None => Ok(()),
            Some(_) => Err(ExecutionError::Uncommitted {
                id: record.id.clone(),
            }),
        }
    }
}
