//! Merging commits: in process where three trees decide, by git's own merge where they do not.

use super::merge_tree::Asked;
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
    /// The paths that a person must decide.
    Conflict(Vec<String>),
}

impl Repo {
    /// Merges two commits' trees; no commit is made and no ref moves.
    pub fn merge(&self, ours: &CommitId, theirs: &CommitId) -> Result<Merge, GitError> {
        let bases = self.merge_bases(ours, theirs)?;
        if let [base] = &bases[..] {
            let trees = (
                self.commit(base)?.tree,
                self.commit(ours)?.tree,
                self.commit(theirs)?.tree,
            );
            if let TreeMerge::Clean(tree) = self.merge_trees(trees.0, trees.1, trees.2)? {
                return Ok(Merge::Clean(tree));
            }
        } else if bases.is_empty() {
            return Err(GitError::Unrelated {
                ours: ours.to_string(),
                theirs: theirs.to_string(),
            });
        }
        Ok(match self.ask_merge_tree(ours, theirs)? {
            Asked::Clean(tree) => Merge::Clean(tree),
            Asked::Conflict(paths) => Merge::Conflict(paths),
        })
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
