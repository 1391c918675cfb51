//! Changes of calls that did not fit onto the branch: taken over after all, or given up.

use serde::Serialize;

use super::lock::Lock;
use super::{Choice, ExecutionError, Executions};
use crate::git::{Advance, Batch, Conflicted, GitError, Merge, Moved, RefName, TreeId};
use crate::model::{CallId, CommitId, Edit, ExecutionId};

/// How often a branch that a person moves too is tried again.
const TRIES: usize = 20;

/// What a taken over change left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The execution.
    pub execution: ExecutionId,
    /// The call whose change it is.
    pub call: CallId,
    /// The commit that the branch was at.
    pub before: CommitId,
    /// The one that it is at now; the same if it had all of the change already.
    pub commit: CommitId,
    /// What that changed.
    pub changed: Vec<Edit>,
}

impl Executions {
    /// Keeps a call's commit that did not fit onto the branch.
    pub(super) fn keep(
        &self,
        id: &ExecutionId,
        call: CallId,
        commit: &CommitId,
    ) -> Result<String, ExecutionError> {
        let name = kept_ref(id, call);
        let old = self.repo.read_commit_ref(&name)?;
        // A call's id is its own: nobody else moves this ref.
        let _: Moved = self
            .repo
            .move_commit_ref(&name, old.as_ref(), Some(commit))?;
        Ok(name.to_string())
    }

    /// Merges a call's kept change onto the branch of its execution; not while a process has that open. `choice` decides the
    /// files in which the two do not fit: `Ours` is the branch, `Theirs` the call.
    pub fn apply_kept(
        &self,
        id: &ExecutionId,
        call: CallId,
        choice: Option<&Choice>,
    ) -> Result<Applied, ExecutionError> {
        let kept = self.kept(id, call)?;
        let name = kept_ref(id, call);
        let (_lock, record) = self.take(id).map_err(|error| match error {
            ExecutionError::Settled { id, status } => ExecutionError::Late {
                id,
                status,
                kept: name.to_string(),
            },
            other => other,
        })?;
        if self.unresolved(id)?.is_some() {
            return Err(ExecutionError::Undecided { id: id.clone() });
        }
        let branch = RefName::branch(&record.branch);
        for _ in 0..TRIES {
            let Some(tip) = self.repo.read_commit_ref(&branch)? else {
                return Err(Self::no_branch(&record));
            };
            let before = self.repo.commit(&tip)?.tree;
            let tree = match (self.repo.merge(&tip, &kept)?, choice) {
                (Merge::Clean(tree), _) => tree,
                (Merge::Conflict(conflicted), Some(choice)) => {
                    self.decide_all(&conflicted, choice)?
                }
                (Merge::Conflict(conflicted), None) => {
                    return Err(ExecutionError::Unfit {
                        id: id.clone(),
                        call,
                        paths: conflicted.paths(),
                    });
                }
            };
            let commit = if tree == before {
                tip.clone()
            } else {
                let commit = self.repo.replay_commit(&kept, tree, &tip)?;
                // The commit is stored already.
                let nothing = Batch::default();
                match self
                    .repo
                    .advance_own_branch(&nothing, &record.branch, &tip, &commit)?
                {
                    Advance::Done => commit,
                    Advance::Elsewhere => continue,
                    Advance::Refused(why) => {
                        return Err(ExecutionError::CheckedOut {
                            branch: record.branch,
                            why,
                            kept: name.to_string(),
                        });
                    }
                }
            };
            // Only now: a process that ends before leaves both, and taking over again changes nothing.
            let _: Moved = self.repo.move_commit_ref(&name, Some(&kept), None)?;
            return Ok(Applied {
                execution: id.clone(),
                call,
                changed: self.repo.edits(before, tree)?,
                before: tip,
                commit,
            });
        }
        Err(ExecutionError::Crowded {
            branch: record.branch,
        })
    }

    /// Gives a call's kept change up; it stays under the ref that is returned until a cleanup removes the execution.
    pub fn discard_kept(&self, id: &ExecutionId, call: CallId) -> Result<String, ExecutionError> {
        let kept = self.kept(id, call)?;
        let _lock = Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let under = self.keep_under(id, "abandoned", &kept)?;
        let _: Moved = self
            .repo
            .move_commit_ref(&kept_ref(id, call), Some(&kept), None)?;
        Ok(under)
    }

    fn kept(&self, id: &ExecutionId, call: CallId) -> Result<CommitId, ExecutionError> {
        self.record(id)?;
        let kept = self.repo.read_commit_ref(&kept_ref(id, call))?;
        kept.map_or_else(
            || {
                Err(ExecutionError::NotKept {
                    id: id.clone(),
                    call,
                    calls: self.kept_calls(id)?,
                })
            },
            Ok,
        )
    }

    /// Lists the calls whose changes are kept.
    fn kept_calls(&self, id: &ExecutionId) -> Result<Vec<String>, GitError> {
        let prefix = RefName::execution(id, "conflicts/");
        let refs = self.repo.list_refs(&format!("{prefix}*"))?;
        let calls = refs
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(prefix.as_str()));
        Ok(calls.map(str::to_owned).collect())
    }

    /// Decides every path of a merge alike.
    fn decide_all(
        &self,
        conflicted: &Conflicted,
        choice: &Choice,
    ) -> Result<TreeId, ExecutionError> {
        let mut changes = Vec::new();
        for conflict in &conflicted.conflicts {
            let (now, _) = self.chosen(conflicted.tree, conflict, choice.clone())?;
            changes.extend(conflict.beside.iter().map(|path| (path.clone(), None)));
            changes.push((conflict.path.clone(), now));
        }
        Ok(self.repo.grafted(conflicted.tree, &changes)?)
    }
}

fn kept_ref(id: &ExecutionId, call: CallId) -> RefName {
    RefName::execution(id, &format!("conflicts/{call}"))
}
