//! Putting a commit onto another one: its own author and words, and a new tree and parent.

use super::commit::host;
use super::objects::{TreeId, oid};
use super::{GitError, Repo};
use crate::model::CommitId;

impl Repo {
    /// Makes a commit that says what another says, with another tree on another parent; no ref moves.
    pub fn replay_commit(
        &self,
        commit: &CommitId,
        tree: TreeId,
        parent: &CommitId,
    ) -> Result<CommitId, GitError> {
        let bytes = self.with(|git| {
            let failed = |error: git2::Error| self.library("make a commit", &error);
            let old = git.find_commit(oid(commit)).map_err(failed)?;
            let tree = git.find_tree(tree.object().0).map_err(failed)?;
            let parent = git.find_commit(oid(parent)).map_err(failed)?;
            let bytes = git
                .commit_create_buffer(
                    &old.author(),
                    &host().map_err(failed)?,
                    &String::from_utf8_lossy(old.message_bytes()),
                    &tree,
                    &[&parent],
                )
                .map_err(failed)?;
            Ok(bytes.to_vec())
        })?;
        self.store_commit(bytes)
    }
}
