//! What the machine has for the programs that the host and the person start: where they are, and what they read.
#![expect(
    clippy::disallowed_methods,
    reason = "config is the room that reads the environment"
)]

use std::env;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// The folders and files that `git`, the libraries that read its files, and shells find by the environment.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The home directory.
    pub home: Option<PathBuf>,
    /// The person's configuration folder.
    pub config: Option<PathBuf>,
    /// What shells read when they start, where variables name it.
    pub start_up: Vec<PathBuf>,
    /// The person's and the system's git configuration: files, and a folder.
    pub git: Vec<PathBuf>,
    /// Folders where programs are looked for.
    pub programs: Vec<PathBuf>,
    /// Folders where programs find their parts.
    pub libraries: Vec<PathBuf>,
    /// Certificates of whom to trust.
    pub certificates: Vec<PathBuf>,
}

impl Surroundings {
    /// Reads the environment of this process. A path that is not absolute is none: it would mean another one elsewhere.
    pub fn read() -> Self {
        let base = etcetera::choose_base_strategy().ok();
        let home = base.as_ref().map(|base| base.home_dir().to_owned());
        let named = |names: &[&str]| -> Vec<PathBuf> {
            names
                .iter()
                .filter_map(env::var_os)
                .flat_map(|value| env::split_paths(&value).collect::<Vec<_>>())
                .filter(|path| path.is_absolute())
                .collect()
        };
        let mut git = named(&["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"]);
        git.extend(home.iter().map(|home| home.join(".gitconfig")));
        git.extend(base.iter().map(|base| base.config_dir().join("git")));
        Self {
            home,
            config: base.as_ref().map(etcetera::BaseStrategy::config_dir),
            start_up: named(&["ZDOTDIR", "BASH_ENV", "ENV"]),
            git,
            programs: named(&["PATH"]),
            libraries: named(&["GIT_EXEC_PATH", "LD_LIBRARY_PATH"]),
            certificates: named(&["SSL_CERT_FILE", "SSL_CERT_DIR"]),
        }
    }
}
