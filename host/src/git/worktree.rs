//! Checkouts that are made on demand, by git's own worktrees.

use std::ffi::OsStr;
use std::path::Path;

use super::command::git;
use super::{GitError, Repo};
use crate::model::BranchName;

impl Repo {
    /// Checks a branch out in a folder of its own, which git makes; one that has files is git's to refuse.
    pub fn add_checkout(&self, branch: &BranchName, path: &Path) -> Result<(), GitError> {
        let dir = self.git_dir();
        let words = ["worktree", "add", "--quiet", "--"].map(OsStr::new);
        let answer = git(
            dir,
            words
                .into_iter()
                .chain([path.as_os_str(), OsStr::new(branch.as_str())]),
        )?;
        if answer.code == 0 {
            Ok(())
        } else {
            Err(answer.error("worktree add", dir))
        }
    }
}
