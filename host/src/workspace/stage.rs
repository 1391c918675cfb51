//! A permit with its tree and its directories: what the sandbox runs.

use std::sync::Arc;
use std::time::SystemTime;

use super::directory::open_all;
use super::stat::IN_MEMORY;
use super::{Allowance, DirectoryError, GitTree, GrantedDirectory, Protected, Quotas, TreeOptions};
use crate::git::{GitError, Repo};
use crate::model::{Access, CommitId, LimitName, Members};
use crate::policy::Permit;

/// A call that may run, the isolated tree that it sees, and the directories that it was granted beside it.
pub struct Stage {
    permit: Permit,
    files: Files,
}

/// The files that a call may use, and what it may write to them.
pub(crate) struct Files {
    /// None where no tree is granted.
    pub(crate) trees: Option<Members<GitTree>>,
    pub(crate) directories: Vec<GrantedDirectory>,
    pub(crate) allowance: Arc<Allowance>,
}

impl Stage {
    /// Makes the stage of a call that was granted no files; one that was is given back.
    #[expect(clippy::result_large_err, reason = "the error gives the permit back")]
    pub fn without_files(permit: Permit) -> Result<Self, Permit> {
        match permit.grant().workspace {
            Access::None if permit.grant().directories.is_empty() => Ok(Self {
                permit,
                files: Files {
                    trees: None,
                    directories: Vec::new(),
                    allowance: Arc::new(Allowance::new(0, 0)),
                },
            }),
            Access::None | Access::ReadOnly | Access::ReadWrite => Err(permit),
        }
    }

    /// Opens what a call's permit grants: the trees of the commits that `bases` names, asked only where a tree is granted, and
    /// each directory. All of them share what the call may write.
    pub fn open<E: From<GitError> + From<DirectoryError>>(
        permit: Permit,
        protected: &Protected,
        bases: impl FnOnce(&Permit) -> Result<Members<(Repo, CommitId)>, E>,
    ) -> Result<Self, E> {
        let limits = permit.limits();
        let quotas = Quotas {
            files: limits.most(LimitName::Files),
            bytes_written: limits.most(LimitName::Written),
            open_handles: u32::try_from(limits.most(LimitName::Handles)).unwrap_or(u32::MAX),
            bytes_held: limits.most(LimitName::Held),
            file_size: limits.most(LimitName::FileSize),
            in_memory: IN_MEMORY,
        };
        let read_only = match permit.grant().workspace {
            Access::None => None,
            Access::ReadOnly => Some(true),
            Access::ReadWrite => Some(false),
        };
        let allowance = Arc::new(Allowance::new(quotas.files, quotas.bytes_written));
        let trees = match read_only {
            None => None,
            Some(read_only) => {
                let open = |_: Option<&_>, (repo, base): (Repo, CommitId)| {
                    let options = TreeOptions {
                        read_only,
                        quotas,
                        clock: Arc::new(SystemTime::now),
                    };
                    GitTree::open_with(repo, &base, options, allowance.clone())
                };
                Some(bases(&permit)?.try_map(open)?)
            }
        };
        let directories = open_all(&permit.grant().directories, protected, &allowance)?;
        Ok(Self {
            permit,
            files: Files {
                trees,
                directories,
                allowance,
            },
        })
    }

    /// Takes the stage apart; running consumes it.
    pub(crate) fn into_parts(self) -> (Permit, Files) {
        (self.permit, self.files)
    }
}
