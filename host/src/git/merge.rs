//! Merging commits: in process where three trees decide, by git's own merge where they do not.

use super::conflict::Conflicted;
use super::objects::{ObjectId, TreeId, oid};
use super::tree_merge::TreeMerge;
use super::write::Batch;
use super::{GitError, Repo};
use crate::model::CommitId;

/// What merging two commits comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// A tree without conflicts.
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
        let mut batch = Batch::default();
        let merged = self.merge_with(&mut batch, ours, theirs)?;
        self.store(&batch)?;
        Ok(merged)
    }

    /// Merges two commits' trees; what that makes here is added to a batch, and what git makes is stored.
    pub fn merge_with(
        &self,
        batch: &mut Batch,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Merge, GitError> {
        let bases = self.merge_bases(ours, theirs)?;
        if let [base] = &bases[..] {
            if let Some(tree) = self.merge_in_process(batch, base, ours, theirs)? {
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
        let mut batch = Batch::default();
        match self.merge_in_process(&mut batch, base, ours, theirs)? {
            Some(tree) => {
                self.store(&batch)?;
                Ok(Merge::Clean(tree))
            }
            None => self.ask_merge_tree_on(Some(base), ours, theirs),
        }
    }

    fn merge_in_process(
        &self,
        batch: &mut Batch,
        base: &CommitId,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Option<TreeId>, GitError> {
        let tree = |id: &CommitId| self.commit(id).map(|commit| commit.tree);
        Ok(
            match self.merge_trees(batch, tree(base)?, tree(ours)?, tree(theirs)?)? {
                TreeMerge::Clean(tree) => Some(tree),
                TreeMerge::Unsure => None,
            },
        )
    }

    /// Finds the merge that brought a commit to a branch, among those that the branch made itself since a base.
    pub fn merge_of(
        &self,
        merged: &CommitId,
        base: &CommitId,
        branch: &CommitId,
    ) -> Result<Option<CommitId>, GitError> {
        self.with(|git| {
            let failed = |error: git2::Error| self.library("walk the history", &error);
            let mut walk = git.revwalk().map_err(failed)?;
            walk.simplify_first_parent().map_err(failed)?;
            walk.push(oid(branch)).map_err(failed)?;
            walk.hide(oid(base)).map_err(failed)?;
            for id in walk {
                let id = id.map_err(failed)?;
                let commit = git.find_commit(id).map_err(failed)?;
                if commit
                    .parent_ids()
                    .skip(1)
                    .any(|parent| parent == oid(merged))
                {
                    return Ok(Some(ObjectId(id).to_commit()));
                }
            }
            Ok(None)
        })
    }

    /// Returns the best common ancestors of two commits.
    pub fn merge_bases(
        &self,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Vec<CommitId>, GitError> {
        self.with(|git| match git.merge_bases(oid(ours), oid(theirs)) {
            Ok(bases) => Ok(bases.iter().map(|id| ObjectId(*id).to_commit()).collect()),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.library("find the merge base", &error)),
        })
    }
}
