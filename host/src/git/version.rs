//! The `git` program: which version is there, and whether it can do what the host asks of it.

use std::path::Path;

use super::command::git;
use super::{GitError, Merge, Repo};
use crate::model::CommitId;

/// The first version with `merge-tree --write-tree`.
const LEAST: (u32, u32) = (2, 38);

/// The program that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitProgram {
    /// Its version, in its own words.
    pub version: String,
    /// Whether that is recent enough to merge without a working tree.
    pub merges: bool,
}

impl GitProgram {
    /// Asks the program that is in `PATH`.
    pub fn ask() -> Result<Self, GitError> {
        let dir = Path::new("/");
        let answer = git(dir, ["version"])?;
        if answer.code != 0 {
            return Err(answer.error("version", dir));
        }
        Ok(Self::parse(&String::from_utf8_lossy(&answer.stdout)))
    }

    fn parse(said: &str) -> Self {
        let version = said.trim().trim_start_matches("git version ").to_owned();
        let mut numbers = version.split('.').map(str::parse::<u32>);
        let found = match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
            _ => None,
        };
        Self {
            merges: found.is_some_and(|found| found >= LEAST),
            version,
        }
    }
}

impl Repo {
    /// Lets git merge a commit with itself, which changes nothing, and list what is uncommitted: all that the host asks of
    /// the program but to move a checkout.
    pub fn try_git(&self, commit: &CommitId) -> Result<(), GitError> {
        match self.ask_merge_tree(commit, commit)? {
            Merge::Clean(_) | Merge::Conflict(_) => {}
        }
        self.ask_git_for_dirty_paths(1)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (said, merges) in [
            ("git version 2.38.0", true),
            ("git version 2.47.3\n", true),
            ("git version 10.1", true),
            ("git version 2.9.5", false),
            ("git version 2.37.1 (Apple Git-137.1)", false),
            ("no version", false),
        ] {
            assert_eq!(GitProgram::parse(said).merges, merges, "{said}");
        }
    }
}
