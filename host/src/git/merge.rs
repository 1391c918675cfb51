//! Merging commits: in process where three trees decide, by git's own merge where they do not.

use super::conflict::Conflicted;
use super::objects::{ObjectId, TreeId, oid};
use super::repo::Purpose;
use super::tree_merge::TreeMerge;
use super::{GitError, Repo};
use crate::model::CommitId;

/// What merging two commits comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// A tree without conflicts, stored.
    Clean(TreeId),
    /// What a person must decide.
    Conflict(Box<Conflicted>),
}

impl Conflicted {
    /// Returns the paths, as text.
    pub fn paths(&self) -> Vec<String> {
        self.conflicts
            .iter()
            .map(|conflict| conflict.path.to_string())
            .collect()
    }
}

impl Repo {
    /// Merges two commits' trees; no commit is made and no ref moves.
    pub fn merge(&self, ours: &CommitId, theirs: &CommitId) -> Result<Merge, GitError> {
        let bases = self.merge_bases(ours, theirs)?;
        if let [base] = &bases[..] {
            if let Some(tree) = self.merge_in_process(base, ours, theirs)? {
                return Ok(Merge::Clean(tree));
            }
        } else if bases.is_empty() {
            return Err(GitError::Unrelated {
                ours: ours.to_string(),
                theirs: theirs.to_string(),
            });
        }
        self.ask_merge_tree(ours, theirs)
    }

    /// Merges two commits' trees as if both came from a third: what putting a commit onto another is.
    pub fn merge_on(
        &self,
        base: &CommitId,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Merge, GitError> {
        match self.merge_in_process(base, ours, theirs)? {
            Some(tree) => Ok(Merge::Clean(tree)),
            None => self.ask_merge_tree_on(Some(base), ours, theirs),
        }
    }

    fn merge_in_process(
        &self,
        base: &CommitId,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Option<TreeId>, GitError> {
        let tree = |id: &CommitId| self.commit(id).map(|commit| commit.tree);
        Ok(
            match self.merge_trees(tree(base)?, tree(ours)?, tree(theirs)?)? {
                TreeMerge::Clean(tree) => Some(tree),
                TreeMerge::Unsure => None,
            },
        )
    }

    /// Returns the best common ancestors of two commits.
    pub fn merge_bases(
        &self,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Vec<CommitId>, GitError> {
        self.with(Purpose::Read, |git| {
            match git.merge_bases(oid(ours), oid(theirs)) {
                Ok(bases) => Ok(bases.iter().map(|id| ObjectId(*id).to_commit()).collect()),
                Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(Vec::new()),
                Err(error) => Err(self.library("find the merge base", &error)),
            }
        })
    }
}
