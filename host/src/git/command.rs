//! The one door to the `git` program: an argument vector, a cleaned environment, nothing that asks or runs hooks.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` is the room that starts git"
)]

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::GitError;

/// Variables by which a caller's environment could point git at another repository, index or identity, or make it trace:
/// `git rev-parse --local-env-vars` and those beside it.
const REMOVED: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DEFAULT_HASH",
    "GIT_DIFF_OPTS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_WORK_TREE",
];

/// Settings that win over the repository's: no hooks, no monitor, no housekeeping, no signing, objects and refs synced.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=loose-object,pack,pack-metadata,reference,index",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "advice.detachedHead=false",
];

/// What `git` answered.
pub(super) struct Answer {
    /// Its exit code.
    pub(super) code: i32,
    /// Its standard output.
    pub(super) stdout: Vec<u8>,
    /// Its standard error, as text.
    pub(super) stderr: String,
}

/// Runs `git` in a directory and waits for it.
pub(super) fn git<I, S>(dir: &Path, arguments: I) -> Result<Answer, GitError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    git_with(dir, &[], arguments)
}

/// Runs `git` with variables of ours, such as another index.
pub(super) fn git_with<I, S>(
    dir: &Path,
    variables: &[(&str, &OsStr)],
    arguments: I,
) -> Result<Answer, GitError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new("git");
    for name in REMOVED {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").env("LANGUAGE", "C");
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "true")
        .env("SSH_ASKPASS", "true");
    command
        .env("GIT_EDITOR", "true")
        .env("GIT_SEQUENCE_EDITOR", "true")
        .env("GIT_PAGER", "cat");
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command.envs(variables.iter().copied());
    command.arg("-C").arg(dir);
    for setting in SETTINGS {
        command.arg("-c").arg(setting);
    }
    let mut name = String::new();
    for argument in arguments {
        if name.is_empty() {
            name = argument.as_ref().to_string_lossy().into_owned();
        }
        command.arg(argument);
    }
    let failed = |reason: String| GitError::Command {
        command: name.clone(),
        path: dir.to_owned(),
        reason,
    };
    let Output {
        status,
        stdout,
        stderr,
    } = command.stdin(Stdio::null()).output().map_err(|error| {
        failed(format!(
            "it cannot be started ({error}): install git, and see that it is in PATH; `paracle-host doctor` tries it"
        ))
    })?;
    let stderr = String::from_utf8_lossy(&stderr).trim().to_owned();
    match status.code() {
        Some(code) => Ok(Answer {
            code,
            stdout,
            stderr,
        }),
        None => Err(failed(format!("it was stopped ({status})"))),
    }
}

impl Answer {
    /// Makes an error of an answer that should have been a success.
    pub(super) fn error(self, command: &str, dir: &Path) -> GitError {
        let reason = if self.stderr.is_empty() {
            format!("exit code {}", self.code)
        } else {
            self.stderr
        };
        GitError::Command {
            command: command.to_owned(),
            path: dir.to_owned(),
            reason,
        }
        .or_shut_out()
    }
}
