//! What can go wrong on the way to a std, each with what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Says why no std for wasm32-wasip2 could be provided.
#[derive(Debug)]
pub enum Error {
    /// A program could not be started at all.
    Start {
        /// The program, as it was called.
        program: String,
        /// Why the system refused.
        source: io::Error,
    },
    /// A program ran and failed.
    Failed {
        /// What it was doing, as a fragment after "failed to".
        what: String,
        /// The end of what it printed.
        output: String,
    },
    /// A file or folder could not be used.
    Io {
        /// What was done with it, as a fragment after "failed to".
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why the system refused.
        source: io::Error,
    },
    /// Something needed was not found.
    Missing(String),
    /// `PARACLE_WASM_STD` was set, and what it names cannot be used.
    Given {
        /// The folder that the variable names.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Every route was tried.
    NoStd {
        /// The compiler's release, for instance `1.95.0`.
        release: String,
        /// One entry a route: its name, and why it gave nothing.
        tried: Vec<(&'static str, Box<Self>)>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { program, source } if source.kind() == io::ErrorKind::NotFound => {
                write!(f, "the program `{program}` is not installed")
            }
            Self::Start { program, source } => write!(f, "failed to start `{program}`: {source}"),
            Self::Failed { what, output } => write!(f, "failed to {what}: {output}"),
            Self::Io { what, path, source } => {
                write!(f, "failed to {what} `{}`: {source}", path.display())
            }
            Self::Missing(sentence) => f.write_str(sentence),
            Self::Given { path, reason } => write!(
                f,
                "PARACLE_WASM_STD names `{}`, which cannot be used: {reason}; it must hold `library/` (from rust-src of \
                 exactly this compiler) and `wasm32-wasip2/` (from wasi-libc), or be a ready sysroot; unset it to let \
                 other ways be tried",
                path.display()
            ),
            Self::NoStd { release, tried } => {
                write!(
                    f,
                    "no std for wasm32-wasip2 could be had for rustc {release}; tried "
                )?;
                for (at, (route, why)) in tried.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "; " };
                    write!(f, "{comma}{route} ({})", brief(&why.to_string()))?;
                }
                write!(
                    f,
                    "; run `rustup target add wasm32-wasip2` where rustup's server can be reached, or set \
                     PARACLE_WASM_STD to a folder that holds `library/` (from rust-src {release}) and `wasm32-wasip2/` \
                     (from wasi-libc)"
                )
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { source, .. } | Self::Io { source, .. } => Some(source),
            Self::Failed { .. } | Self::Missing(_) | Self::Given { .. } | Self::NoStd { .. } => {
                None
            }
        }
    }
}

/// Shortens what a program said to the line that says why.
fn brief(text: &str) -> &str {
    let why = |line: &&str| line.contains("error") || line.contains("E: ");
    text.lines()
        .find(why)
        .or_else(|| text.lines().next())
        .unwrap_or_default()
        .trim()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_is_one_line_and_says_what_to_do() {
        let fetch = Error::Failed {
            what: "fetch lists".to_owned(),
            output: "E: no route to host\nE: some index files failed".to_owned(),
        };
        let text = Error::NoStd {
            release: "1.95.0".to_owned(),
            tried: vec![
                ("a", Box::new(Error::Missing("it is not there".to_owned()))),
                ("b", Box::new(fetch)),
            ],
        }
        .to_string();
        assert!(
            text.contains(
                "tried a (it is not there); b (failed to fetch lists: E: no route to host);"
            ),
            "{text}"
        );
        assert!(
            text.contains("rustup target add wasm32-wasip2") && !text.contains('\n'),
            "{text}"
        );
    }
}
