//! Why a granted directory is not given.

use std::path::PathBuf;

use super::place_rule::PlaceRule;
use crate::model::DirectoryRule;
use crate::policy::quoted;

/// Why a directory that a grant names cannot be given to a plugin. Each sentence names the grant.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Nothing is there.
    #[error(
        "the grant `{rule}` names a directory that is not there; make it with `mkdir -p {}`",
        quoted(&rule.path.to_string_lossy())
    )]
    Missing {
        /// The grant.
        rule: DirectoryRule,
    },
    /// It cannot be opened.
    #[error(
        "the grant `{rule}` names a directory that cannot be opened: {source}; let this user read it, or take the grant away"
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
        "the grant `{rule}` cannot be given (rule `own`): {} holds keys and approvals of yours, or a secret, and no plugin may see what is in it or above it; grant \
         a directory that is apart from it",
        place.display()
    )]
    Own {
        /// The grant.
        rule: DirectoryRule,
        /// The person's own folder.
        place: PathBuf,
    },
    /// It would let a plugin change what decides what runs later, and no word opens it.
    #[error(
        "the grant `{rule}` cannot be given (rule `{}`): whoever may write there changes {}, and with it {}; grant it `ro`, or a \
         directory that is apart from it",
        by.name(), place.display(), by.decides()
    )]
    Steers {
        /// The grant.
        rule: DirectoryRule,
        /// What it would change.
        place: PathBuf,
        /// Which rule says so.
        by: PlaceRule,
    },
    /// It would let a plugin change what runs later, and nobody said that this is meant.
    #[error(
        "the grant `{rule}` needs a word of its own (rule `{}`): whoever may write there changes {}, and with it {}; if that is \
         meant, add `--code-runs-there` to the command, or else grant it `ro`",
        by.name(), place.display(), by.decides()
    )]
    CodeRunsThere {
        /// The grant.
        rule: DirectoryRule,
        /// What it would change.
        place: PathBuf,
        /// Which rule says so.
        by: PlaceRule,
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

impl DirectoryError {
    /// Returns the grant that it speaks of; of two, the one that is in the way of the other.
    pub const fn rule(&self) -> &DirectoryRule {
        match self {
            Self::Missing { rule }
            | Self::Open { rule, .. }
            | Self::Walled { rule }
            | Self::NotADirectory { rule }
            | Self::Link { rule, .. }
            | Self::MadeUp { rule }
            | Self::Own { rule, .. }
            | Self::Steers { rule, .. }
            | Self::CodeRunsThere { rule, .. } => rule,
            Self::SameName { second, .. } => second,
            Self::Overlap { inner, .. } => inner,
        }
    }
}
