//! The process's surroundings, read once.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::ConfigError;

/// Names the folder for compiled plugins; else the user's cache folder is used.
const CACHE_VARIABLE: &str = "PARACLE_CACHE_DIR";

/// What the host takes from the process's surroundings.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Where the process works.
    pub directory: PathBuf,
    /// Where compiled plugins are kept.
    pub cache: PathBuf,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Result<Self, ConfigError> {
        let directory =
            std::env::current_dir().map_err(|source| ConfigError::Directory { source })?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        let named = std::env::var_os(CACHE_VARIABLE).map(PathBuf::from);
        let cache = match named {
            Some(named) if named.is_absolute() => named,
            Some(named) => {
                return Err(ConfigError::CacheNotAbsolute {
                    variable: CACHE_VARIABLE,
                    path: named,
                });
            }
            None => etcetera::choose_base_strategy()
                .map_err(|_| ConfigError::NoHome {
                    variable: CACHE_VARIABLE,
                })?
                .cache_dir()
                .join("paracle-host"),
        };
        Ok(Self { directory, cache })
    }

    /// Works in another folder, named from the one the process works in; links and `..` are resolved.
    pub fn within(self, folder: &Path) -> Result<Self, ConfigError> {
        let path = self.directory.join(folder);
        let directory = std::fs::canonicalize(&path).and_then(|directory| {
            if directory.is_dir() {
                Ok(directory)
            } else {
                Err(std::io::ErrorKind::NotADirectory.into())
            }
        });
        match directory {
            Ok(directory) => Ok(Self { directory, ..self }),
            Err(source) => Err(ConfigError::Folder { path, source }),
        }
    }
}
