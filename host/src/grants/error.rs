//! Why what was granted cannot be read or kept.

use std::io;
use std::path::PathBuf;

/// Why there is no word of the person.
#[derive(Debug, thiserror::Error)]
pub enum GrantsError {
    /// The file cannot be read or written.
    #[error("cannot use the grants of this machine in {}: {source}", path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else could have written the file.
    #[error("the grants of this machine in {} are not trusted: {reason}; give it to this user alone (chmod go-w)", path.display())]
    NotPrivate {
        /// Which file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
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
