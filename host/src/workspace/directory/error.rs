//! Why a granted directory is not given.

use std::path::PathBuf;

use crate::model::DirectoryRule;

/// Why a directory that a grant names cannot be given to a plugin. Each sentence names the grant.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It cannot be opened.
    #[error(
        "the grant `{rule}` names a directory that cannot be opened: {source}; make it, or take the grant away"
    )]
    Open {
        /// The grant.
        rule: DirectoryRule,
        /// What the system said.
        source: std::io::Error,
    },
    /// The process confined itself before it could know of the directory.
    #[error(
        "the grant `{rule}` cannot be used by this process: its second wall lets through the directories that were granted, and there, \
         when it started, and this one was granted, made or replaced since, or is not this user's to read; start it again (reconnect \
         the client, where it is a server)"
    )]
    Walled {
        /// The grant.
        rule: DirectoryRule,
    },
    /// It is something else.
    #[error("the grant `{rule}` does not name a directory; name one, or take the grant away")]
    NotADirectory {
        /// The grant.
        rule: DirectoryRule,
    },
    /// Its path leads through a symbolic link, so that it may lead elsewhere tomorrow.
    #[error(
        "the grant `{rule}` leads through a symbolic link; grant the place itself{}",
        leads_to.as_ref().map(|to| format!(", which is `{}` now", to.display())).unwrap_or_default()
    )]
    Link {
        /// The grant.
        rule: DirectoryRule,
        /// Where it leads.
        leads_to: Option<PathBuf>,
    },
    /// The kernel makes its files up: they tell of every process, this one with its secrets included.
    #[error(
        "the grant `{rule}` names files that the kernel makes up, of this host's process as well; grant a directory of a disk"
    )]
    MadeUp {
        /// The grant.
        rule: DirectoryRule,
    },
    /// It would show, or let change, what only the person may.
    #[error(
        "the grant `{rule}` cannot be given: {} holds keys and approvals of yours, and no plugin may see what is in it or above it; grant \
         a directory that is apart from it",
        place.display()
    )]
    Own {
        /// The grant.
        rule: DirectoryRule,
        /// The person's own folder.
        place: PathBuf,
    },
    /// It would let a plugin change what steers this host.
    #[error(
        "the grant `{rule}` cannot be given: whoever may write there changes {}, and with it what plugins may do; grant it `ro`, or a \
         directory that is apart from it",
        place.display()
    )]
    Steers {
        /// The grant.
        rule: DirectoryRule,
        /// What it would change.
        place: PathBuf,
    },
    /// Two grants give the same name.
    #[error(
        "the grants `{first}` and `{second}` give one name to two directories; give one of them another"
    )]
    SameName {
        /// One.
        first: DirectoryRule,
        /// The other.
        second: DirectoryRule,
    },
    /// A directory that may be read only lies in one that may be written.
    #[error(
        "the grant `{inner}` is of no use: `{outer}` lets the same plugin write there; grant a directory that is apart from it"
    )]
    Overlap {
        /// The narrower one.
        inner: DirectoryRule,
        /// The wider one.
        outer: DirectoryRule,
    },
}
