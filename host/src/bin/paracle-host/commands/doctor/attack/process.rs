//! Other programs that an attack needs: this one again, and git.
#![expect(
    clippy::disallowed_methods,
    reason = "an attack is run by processes of its own, so that one that ends them is seen"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where an attack takes place.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The repository.
    pub(super) repository: PathBuf,
    /// The folder of a person who granted nothing.
    pub(super) own: PathBuf,
    /// Where compiled code is kept.
    pub(super) cache: PathBuf,
    /// What nobody may learn: it is in the host's environment, and in files beside the workspace.
    pub(super) secret: String,
}

/// Prepares this program, as a client starts it.
pub(super) fn host(place: &Place, words: &[&str]) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(words)
        .current_dir(&place.repository)
        .env("PARACLE_CONFIG_DIR", &place.own)
        .env("PARACLE_CACHE_DIR", &place.cache)
        .env("PARACLE_ATTACK_SECRET", &place.secret)
        .stdin(Stdio::null());
    Ok(command)
}

/// Runs git away from the person's configuration, and returns what it said.
pub(super) fn git(repository: &Path, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    command
        .args(words)
        .current_dir(repository)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "Doctor")
            .env(format!("GIT_{who}_EMAIL"), "doctor@localhost");
    }
    let output = command
        .output()
        .map_err(|error| format!("git cannot be started: {error}; install it"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(format!("git {}: {}", words.join(" "), said(&output.stderr)))
    }
}
