//! `git merge-tree`: git's own merge, which knows renames, asked where ours would see a conflict.

use git2::Oid;

use super::objects::{ObjectId, TreeId};
use super::{GitError, Repo};
use crate::model::CommitId;

/// What git's merge came to.
pub(super) enum Asked {
    /// A tree without conflicts.
    Clean(TreeId),
    /// The paths in conflict.
    Conflict(Vec<String>),
}

impl Repo {
    /// Asks git to merge two commits without a working tree.
    pub(super) fn ask_merge_tree(
        &self,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Asked, GitError> {
        let dir = self.git_dir();
        let arguments = [
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--no-messages",
            ours.as_str(),
            theirs.as_str(),
        ];
        let aside = self.aside()?;
        let answer = aside.git(dir, &[], &arguments)?;
        let mut fields = answer
            .stdout
            .split(|&byte| byte == 0)
            .filter(|field| !field.is_empty());
        let tree = fields
            .next()
            .and_then(|id| std::str::from_utf8(id).ok())
            .and_then(|id| Oid::from_str(id).ok());
        match (answer.code, tree) {
            (0, Some(tree)) => {
                aside.store()?;
                Ok(Asked::Clean(TreeId::new(ObjectId(tree))))
            }
            (1, Some(_)) => {
                let mut paths: Vec<_> = fields
                    .map(|path| String::from_utf8_lossy(path).into_owned())
                    .collect();
                paths.sort();
                paths.dedup();
                Ok(Asked::Conflict(paths))
            }
            _ => Err(answer.error("merge-tree", dir)),
        }
    }
}
