//! What can go wrong with the journal's files.

use std::io;
use std::path::{Path, PathBuf};

/// Why the journal cannot be read or added to.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no journal.
    #[error(
        "{} is not there: this repository has no audit journal yet; the first call makes it",
        path.display()
    )]
    None {
        /// Where it would be.
        path: PathBuf,
    },
    /// A record has no form.
    #[error("a record cannot be written: {source}")]
    Record {
        /// What the serializer said.
        source: serde_json::Error,
    },
}

impl JournalError {
    /// Names the file in what the system said.
    pub(super) fn file(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
