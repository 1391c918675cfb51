//! Why what was granted cannot be read or kept.

use std::path::PathBuf;

use crate::private::PrivateError;

/// Why there is no word of the person.
#[derive(Debug, thiserror::Error)]
pub enum GrantsError {
    /// The file cannot be read or written, or somebody else could have written it.
    #[error("the grants of this machine cannot be used: {0}")]
    Private(#[from] PrivateError),
    /// The file does not say what it should.
    #[error(
        "the grants of this machine in {} cannot be read: {reason}; mend the file, or move it away and grant again", path.display()
    )]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no such grant.
    #[error("there is no grant {id:?} here; `paracle-host grant list` shows what there is")]
    Unknown {
        /// What was asked for.
        id: String,
    },
}
