//! Why a file or folder is not this user's alone.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file or folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// It cannot be read or made.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else could have written it, or could read it.
    #[error("{} is not private: {what}; {fix}", path.display())]
    Open {
        /// Which file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
        /// What to do.
        fix: &'static str,
    },
}

impl PrivateError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn open(path: &Path, what: &'static str, fix: &'static str) -> Self {
        Self::Open {
            path: path.to_owned(),
            what,
            fix,
        }
    }
}
