//! The process's surroundings, read once.

use std::path::{Path, PathBuf};

use super::ConfigError;

/// Names the folder for compiled plugins; else the user's cache folder is used.
const CACHE_VARIABLE: &str = "PARACLE_CACHE_DIR";

/// Names the person's own folder; else it is in the user's configuration folder.
const CONFIG_VARIABLE: &str = "PARACLE_CONFIG_DIR";

/// What the host takes from the process's surroundings.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Where the process works.
    pub directory: PathBuf,
    /// Where compiled plugins are kept.
    pub cache: PathBuf,
    /// The person's own folder: what they granted, on this machine, outside of any repository.
    pub own: PathBuf,
}

/// Returns the variables by which the person named folders of the host, for who starts it elsewhere.
pub fn named_folders() -> Vec<(&'static str, PathBuf)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let named = |variable| Some((variable, PathBuf::from(std::env::var_os(variable)?)));
    [CONFIG_VARIABLE, CACHE_VARIABLE]
        .into_iter()
        .filter_map(named)
        .collect()
}

/// Where a person's programs keep what is theirs.
#[derive(Debug, Clone)]
pub struct PersonFolders {
    /// Their home.
    pub home: PathBuf,
    /// Where graphical programs keep their settings.
    pub applications: PathBuf,
}

impl PersonFolders {
    /// Finds the folders by the environment of this process; none where there is no home.
    pub fn find() -> Option<Self> {
        use etcetera::BaseStrategy as _;
        let base = etcetera::choose_base_strategy().ok()?;
        let home = base.home_dir().to_owned();
        let applications = if cfg!(target_os = "macos") {
            home.join("Library/Application Support")
        } else {
            base.config_dir()
        };
        Some(Self { home, applications })
    }
}

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Result<Self, ConfigError> {
        let directory =
            std::env::current_dir().map_err(|source| ConfigError::Directory { source })?;
        let base = etcetera::choose_base_strategy();
        let folder = |variable, usual: fn(&etcetera::base_strategy::Xdg) -> PathBuf| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the environment"
            )]
            let named = std::env::var_os(variable).map(PathBuf::from);
            match (named, &base) {
                (Some(named), _) if named.is_absolute() => Ok(named),
                (Some(path), _) => Err(ConfigError::NotAbsolute { variable, path }),
                (None, Ok(base)) => Ok(usual(base).join("paracle-host")),
                (None, Err(_)) => Err(ConfigError::NoHome { variable }),
            }
        };
        let cache = folder(CACHE_VARIABLE, etcetera::BaseStrategy::cache_dir)?;
        let own = folder(CONFIG_VARIABLE, etcetera::BaseStrategy::config_dir)?;
        Ok(Self {
            directory,
            cache,
            own,
        })
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
