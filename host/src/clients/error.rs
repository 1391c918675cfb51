//! Why a client's file is not edited.

use std::io;
use std::path::PathBuf;

/// Why a client's file is not edited.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The client knows no projects.
    #[error("Claude Desktop reads one file for all projects: use `--scope user`")]
    NoProject,
    /// The client keeps a person's servers itself.
    #[error(
        "{client} keeps the servers of a person itself; nothing is changed. Run this: {command}"
    )]
    OwnCommand {
        /// The client's name for people.
        client: &'static str,
        /// What to type.
        command: String,
    },
    /// A link leads elsewhere.
    #[error("{} leads by a link to {}, which is outside of {}: nothing there is changed; edit that file yourself", path.display(), to.display(), base.display())]
    LinkOut {
        /// The file as it is named.
        path: PathBuf,
        /// Where it really is.
        to: PathBuf,
        /// Where it has to be.
        base: PathBuf,
    },
    /// It is no file, or not one of text.
    #[error("{} is no file of text of at most 1 MiB: nothing is changed", .0.display())]
    NoText(PathBuf),
    /// It has what JSON has not, which would be lost.
    #[error(
        "{} has comments or trailing commas, which an edit would lose: put the entry in yourself, as `paracle-host mcp config` prints it",
        .0.display()
    )]
    Comments(PathBuf),
    /// It cannot be read as JSON.
    #[error("{} is not JSON, {reason}: mend it first, nothing is changed", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// It has another shape than the client reads.
    #[error("{}: {what} has to be a JSON object, once: mend it first, nothing is changed", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Which part.
        what: String,
    },
    /// The disk refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}
