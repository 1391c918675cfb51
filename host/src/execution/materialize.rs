//! A checkout of an execution on demand, for people and the programs of theirs.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::lock::Lock;
use super::{ExecutionError, Executions};
use crate::git::RefName;
use crate::model::{BranchName, CommitId, ExecutionId, ExecutionRecord};

/// Where an execution is checked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Materialized {
    /// The execution.
    pub id: ExecutionId,
    /// Its branch.
    pub branch: BranchName,
    /// The commit that is checked out.
    pub commit: CommitId,
    /// The folder.
    pub path: PathBuf,
    /// Whether it was there before.
    pub existing: bool,
}

impl Executions {
    /// Checks an execution's branch out as a git worktree, at a path or else beside the repository; not while a process has it
    /// open. No plugin sees that folder: its calls go on with what is committed.
    pub fn materialize(
        &self,
        id: &ExecutionId,
        path: Option<&Path>,
    ) -> Result<Materialized, ExecutionError> {
        self.record(id)?;
        // Held to the end: no branch moves while git writes its files.
        let _lock = Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let record = self.record(id)?;
        let branch = record.branch.clone();
        let Some(commit) = self.repo.read_commit_ref(&RefName::branch(&branch))? else {
            return Err(Self::no_branch(&record));
        };
        let (path, existing) = match self.repo.checkout_of(&branch)? {
            Some(there) if !there.missing => match path {
                Some(path) if !is_same(path, &there.path) => {
                    return Err(ExecutionError::Materialized {
                        id: id.clone(),
                        branch,
                        path: there.path,
                    });
                }
                _ => (there.path, true),
            },
            _ => {
                let path = path.map_or_else(|| self.beside(&record), Path::to_owned);
                self.repo.add_checkout(&branch, &path)?;
                (path, false)
            }
        };
        Ok(Materialized {
            id: id.clone(),
            branch,
            commit,
            path,
            existing,
        })
    }

    /// Names a folder beside the repository: its own name and the execution's.
    fn beside(&self, record: &ExecutionRecord) -> PathBuf {
        let here = self.repo.workdir().unwrap_or(self.repo.common_dir());
        let mut name = here.file_name().unwrap_or_default().to_owned();
        name.push(format!("-{}", record.id));
        here.with_file_name(name)
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
