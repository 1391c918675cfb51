//! What can go wrong with a repository.

use std::path::PathBuf;

/// Why an operation on a repository failed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository at or above the path.
    #[error("{path:?} is not in a git repository: go into one, or make one with `git init`")]
    NoRepository {
        /// Where was looked.
        path: PathBuf,
    },
    /// The branch that HEAD names has no commit.
    #[error(
        "branch {branch:?} of {path:?} has no commit yet: make a first commit, then start again"
    )]
    Unborn {
        /// The repository.
        path: PathBuf,
        /// The branch without a commit.
        branch: String,
    },
    /// The repository is bare, so there are no files of a person's.
    #[error(
        "{path:?} is a bare repository without a checkout: there is nothing uncommitted to include"
    )]
    NoCheckout {
        /// The repository.
        path: PathBuf,
    },
    /// Objects are named by a hash other than SHA-1.
    #[error(
        "{path:?} names its objects by {format}, which is not supported: use a repository of SHA-1 objects"
    )]
    ObjectFormat {
        /// The repository.
        path: PathBuf,
        /// The hash.
        format: String,
    },
    /// A branch, tag or commit was named that is not there.
    #[error(
        "{path:?} has no branch, tag or commit {name:?}: `git branch --list` shows the branches"
    )]
    NoSuchCommit {
        /// The repository.
        path: PathBuf,
        /// What was named.
        name: String,
    },
    /// An object is missing or of another kind.
    #[error("object {id} cannot be read as a {kind}: {reason}; `git fsck` shows what is damaged")]
    Object {
        /// Its id.
        id: String,
        /// What was expected.
        kind: &'static str,
        /// What git says.
        reason: String,
    },
    /// A tree object is malformed.
    #[error("tree {id} is malformed: `git fsck` shows what is damaged")]
    BadTree {
        /// Its id.
        id: String,
    },
    /// A tree is nested deeper than any checkout could be.
    #[error("the tree is nested deeper than {limit} directories")]
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// A ref stayed locked.
    #[error(
        "{name} stays locked by another process: if none is running, remove its `.lock` file under the git directory"
    )]
    RefLocked {
        /// The ref.
        name: String,
    },
    /// A ref has the name of a folder that another one needs.
    #[error(
        "there cannot be {name} beside {other}: rename that one, with `git branch -m` if it is a branch"
    )]
    RefInTheWay {
        /// The ref that is to be made.
        name: String,
        /// The one that is there.
        other: String,
    },
    /// Two histories have no commit in common.
    #[error("{ours} and {theirs} share no history, so they cannot be merged")]
    Unrelated {
        /// The one commit.
        ours: String,
        /// The other.
        theirs: String,
    },
    /// `git` could not be started, or failed.
    #[error("`git {command}` failed in {path:?}: {reason}")]
    Command {
        /// The subcommand.
        command: String,
        /// Where.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
    /// A command that checks a merge cannot be run.
    #[error(
        "the check `{command}` cannot be run: {source}; `checks:` of .parac/config/git.yaml names it"
    )]
    Check {
        /// The program.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the git directory cannot be read or written.
    #[error("cannot {action} {path:?}: {source}{}", room(.source))]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Git's settings were replaced while the process ran behind its wall.
    #[error(
        "git's settings in {path:?} were replaced since this process started, and its second wall keeps the new file out: start it again"
    )]
    Settings {
        /// The file.
        path: PathBuf,
    },
    /// libgit2 failed.
    #[error("cannot {action} in {path:?}: {reason}")]
    Library {
        /// What was tried.
        action: &'static str,
        /// The repository.
        path: PathBuf,
        /// What libgit2 says.
        reason: String,
    },
}

/// Says what to do where the disk is full.
fn room(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "; make room there and do it again: what was there before is as it was"
        }
        _ => "",
    }
}

impl GitError {
    /// Makes an error of a file operation.
    pub(crate) fn file(
        action: &'static str,
        path: &std::path::Path,
        source: std::io::Error,
    ) -> Self {
        Self::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
