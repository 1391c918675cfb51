//! Whether a branch could move ahead, and its way back: what a merge of several repositories asks of each.

use super::checkout::{moved, said};
use super::checkout_tree::OwnIndex;
use super::command::{git, git_with};
use super::{Advance, GitError, RefName, Repo};
use crate::model::{BranchName, CommitId};

impl Repo {
    /// Says why a branch that is checked out could not move ahead to a commit as things are; nothing is touched. None where
    /// nothing stands in the way.
    pub fn why_not_ahead(
        &self,
        branch: &BranchName,
        commit: &CommitId,
    ) -> Result<Option<String>, GitError> {
        let Some(checkout) = self.checkout_of(branch)? else {
            return Ok(None);
        };
        if let Some(why) = Self::obstacle(&checkout)? {
            return Ok(Some(why));
        }
        let root = &checkout.path;
        // Git's own answer, on a copy of the index: untracked files stand in the way, too.
        let index = OwnIndex::copy(&Self::discover(root)?)?;
        let variables = [("GIT_INDEX_FILE", index.path().as_os_str())];
        git_with(root, &variables, ["update-index", "-q", "--refresh"])?;
        let tries = ["read-tree", "-n", "-m", "-u", "HEAD", commit.as_str()];
        let answer = git_with(root, &variables, tries)?;
        Ok((answer.code != 0).then(|| said(root, &answer)))
    }

    /// Moves a person's branch back to where it was by compare-and-swap; where it is checked out, by git's own way that refuses to
    /// overwrite what is not committed.
    pub fn retreat_branch(
        &self,
        branch: &BranchName,
        from: &CommitId,
        to: &CommitId,
        line: &str,
    ) -> Result<Advance, GitError> {
        let Some(checkout) = self.checkout_of(branch)? else {
            return Ok(moved(self.move_branch(branch, from, to, line)?));
        };
        let _lock = self.lock_checkouts()?;
        if self.read_commit_ref(&RefName::branch(branch))?.as_ref() != Some(from) {
            return Ok(Advance::Elsewhere);
        }
        if let Some(why) = Self::obstacle(&checkout)? {
            return Ok(Advance::Refused(why));
        }
        let root = &checkout.path;
        let back = |to: &str| git(root, ["reset", "--keep", "--quiet", to]);
        let answer = back(to.as_str())?;
        if answer.code != 0 {
            return Ok(Advance::Refused(said(root, &answer)));
        }
        // Git says what it left: a commit that somebody made at that instant is not taken from them.
        let left = git(root, ["rev-parse", "--verify", "--quiet", "ORIG_HEAD"])?;
        let left = String::from_utf8_lossy(&left.stdout).trim().to_owned();
        if left == from.as_str() {
            return Ok(Advance::Done);
        }
        let answer = back(&left)?;
        if answer.code != 0 {
            return Ok(Advance::Refused(said(root, &answer)));
        }
        Ok(Advance::Elsewhere)
    }
}
