//! What can be wrong with a configuration.

use std::path::PathBuf;

use crate::private::PrivateError;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is larger than any honest configuration.
    #[error("{} is {size} bytes; a configuration file may have {most}", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The bound.
        most: u64,
    },
    /// A file is no YAML, or does not say what it should.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// What is wrong, and what to do.
        message: String,
    },
    /// A file of the person's own could have been written by somebody else.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The working directory is gone.
    #[error("cannot tell the working directory: {source}; change into a directory that exists")]
    Directory {
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder to work in cannot be used.
    #[error("cannot work in {}: {source}; name a folder that exists", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder's variable is not usable.
    #[error("{variable} is {}, which is not absolute; give the whole path", path.display())]
    NotAbsolute {
        /// The variable.
        variable: &'static str,
        /// Its value.
        path: PathBuf,
    },
    /// There is no home directory to keep files in.
    #[error(
        "cannot tell where to keep the host's files: no home directory; set {variable} to a folder"
    )]
    NoHome {
        /// The variable.
        variable: &'static str,
    },
}
