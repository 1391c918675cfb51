//! What is uncommitted in a checkout.

use git2::{AttrCheckFlags, Repository, Status, StatusOptions};

use super::checkout::{Dirty, dirty};
use super::{GitError, Repo};

/// Whether libgit2 can be relied on here.
enum Look {
    Seen(Dirty),
    /// Only git knows: its own filters say whether the file is as it was committed.
    AskGit,
}

impl Repo {
    /// Lists what is uncommitted in this checkout, at most `limit` paths: what an execution does not see.
    ///
    /// This reads the whole index and looks at each file, so it costs what `git status` costs. No process is started unless a
    /// changed file goes through a filter, or the index has an extension that only git reads (a sparse one).
    pub fn dirty_paths(&self, limit: usize) -> Result<Dirty, GitError> {
        if self.workdir().is_none() {
            return Ok(Dirty::default());
        }
        match self.with(|repository| self.look(repository, limit)) {
            Ok(Look::Seen(dirty)) => Ok(dirty),
            Ok(Look::AskGit) | Err(_) => self.ask_git_for_dirty_paths(limit),
        }
    }

    /// Lists the same by asking git.
    pub(super) fn ask_git_for_dirty_paths(&self, limit: usize) -> Result<Dirty, GitError> {
        match self.workdir() {
            Some(root) => dirty(root, "--untracked-files=normal", limit),
            None => Ok(Dirty::default()),
        }
    }

    fn look(&self, repository: &Repository, limit: usize) -> Result<Look, GitError> {
        let failed = |error: git2::Error| self.library("look at the checkout", &error);
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .include_ignored(false)
            // The index is the person's: git's own commands refresh it.
            .update_index(false);
        let statuses = repository.statuses(Some(&mut options)).map_err(failed)?;
        let mut seen = Dirty::default();
        // Tracked files first, as git names them.
        let tracked = statuses
            .iter()
            .filter(|entry| entry.status() != Status::WT_NEW);
        let others = statuses
            .iter()
            .filter(|entry| entry.status() == Status::WT_NEW);
        for entry in tracked.chain(others) {
            let path = String::from_utf8_lossy(entry.path_bytes());
            if entry.status() == Status::WT_MODIFIED {
                let filter = repository.get_attr_bytes(
                    path.as_ref().as_ref(),
                    "filter",
                    AttrCheckFlags::default(),
                );
                if filter.map_err(failed)?.is_some() {
                    return Ok(Look::AskGit);
                }
            }
            if seen.paths.len() < limit {
                seen.paths.push(path.into_owned());
            } else {
                seen.more += 1;
            }
        }
        Ok(Look::Seen(seen))
    }
}
