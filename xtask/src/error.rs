//! What ends a command, and its exit code.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Says why a command ended early.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line makes no sense.
    Usage(String),
    /// There is no std for the guests.
    WasmStd(paracle_wasm_target::Error),
    /// A program could not be started.
    Start { program: String, source: io::Error },
    /// A program ran and failed; what it had to say is on the terminal already.
    Failed { command: String },
    /// A file or folder could not be used.
    Io {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// A step of the demonstration did not show what it should.
    Demo(String),
}

impl Error {
    /// Returns what the process exits with, by the same table as `paracle-host`.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::WasmStd(_)
            | Self::Start { .. }
            | Self::Failed { .. }
            | Self::Io { .. }
            | Self::Demo(_) => 1,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) => write!(f, "{sentence}; `cargo xtask` lists what there is"),
            Self::WasmStd(error) => error.fmt(f),
            Self::Start { program, source } => {
                write!(f, "failed to start `{program}`: {source}; is it installed?")
            }
            Self::Failed { command } => write!(f, "`{command}` failed; its own words are above"),
            Self::Io { what, path, source } => {
                write!(f, "failed to {what} `{}`: {source}", path.display())
            }
            Self::Demo(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Error {}

impl From<paracle_wasm_target::Error> for Error {
    fn from(error: paracle_wasm_target::Error) -> Self {
        Self::WasmStd(error)
    }
}

/// Names the file in an I/O error.
pub(crate) trait At<T> {
    /// Adds what was done, and with which file.
    fn at(self, what: &'static str, path: impl Into<PathBuf>) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, what: &'static str, path: impl Into<PathBuf>) -> Result<T, Error> {
        self.map_err(|source| Error::Io {
            what,
            path: path.into(),
            source,
        })
    }
}
