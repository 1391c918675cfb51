//! A permit with its tree: what the sandbox runs.

use std::sync::Arc;
use std::time::SystemTime;

use super::{GitTree, Quotas, TreeOptions};
use crate::git::{GitError, Repo};
use crate::model::{Access, CommitId, LimitName};
use crate::policy::Permit;

/// A call that may run, and the isolated tree that it sees.
pub struct Stage {
    permit: Permit,
    tree: Option<GitTree>,
}

impl Stage {
    /// Makes the stage of a call that was granted no tree; one that was is given back.
    #[expect(clippy::result_large_err, reason = "the error gives the permit back")]
    pub fn without_tree(permit: Permit) -> Result<Self, Permit> {
        match permit.grant().workspace {
            Access::None => Ok(Self { permit, tree: None }),
            Access::ReadOnly | Access::ReadWrite => Err(permit),
        }
    }

    /// Opens the tree of a commit for a call, as far as its permit grants it.
    pub fn open(permit: Permit, repo: Repo, base: &CommitId) -> Result<Self, GitError> {
        let read_only = match permit.grant().workspace {
            Access::None => return Ok(Self { permit, tree: None }),
            Access::ReadOnly => true,
            Access::ReadWrite => false,
        };
        let limits = permit.limits();
        let options = TreeOptions {
            read_only,
            quotas: Quotas {
                files: limits.most(LimitName::Files),
                bytes_written: limits.most(LimitName::Written),
                open_handles: u32::try_from(limits.most(LimitName::Handles)).unwrap_or(u32::MAX),
                bytes_held: limits.most(LimitName::Held),
                file_size: limits.most(LimitName::FileSize),
            },
            clock: Arc::new(SystemTime::now),
        };
        let tree = GitTree::open(repo, base, options)?;
        Ok(Self {
            permit,
            tree: Some(tree),
        })
    }

    /// Takes the stage apart; running consumes it.
    pub(crate) fn into_parts(self) -> (Permit, Option<GitTree>) {
        (self.permit, self.tree)
    }
}
