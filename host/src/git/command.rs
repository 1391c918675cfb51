//! The one door to the `git` program: an argument vector, a cleaned environment, nothing that asks or runs hooks.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` is the room that starts git"
)]

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};

use super::{GitError, Person};

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

/// Takes out of a program's environment what would lead git elsewhere.
pub(super) fn without_another_repository(command: &mut Command) {
    for name in REMOVED {
        command.env_remove(name);
    }
}

/// What `git` answered.
pub(super) struct Answer {
    /// Its exit code.
    pub(super) code: i32,
    /// Its standard output.
    pub(super) stdout: Vec<u8>,
    /// Its standard error, as text.
    pub(super) stderr: String,
}

/// How a call of `git` differs from the usual one, which gets nothing and may ask nobody.
#[derive(Default)]
pub(super) struct More<'a> {
    /// More variables.
    pub(super) variables: &'a [(&'a str, &'a OsStr)],
    /// Its standard input.
    pub(super) input: &'a [u8],
    /// Whom it may ask for credentials; what the person set up for that is used then.
    pub(super) person: Option<Person>,
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
    let more = More {
        variables,
        ..More::default()
    };
    git_as(dir, &more, arguments)
}

/// Runs `git` in a directory in another way than the usual one, and waits for it.
pub(super) fn git_as<I, S>(dir: &Path, more: &More<'_>, arguments: I) -> Result<Answer, GitError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let (mut command, name) = prepared(dir, more, arguments);
    let Output {
        status,
        stdout,
        stderr,
    } = output(&mut command, more.input).map_err(|error| not_started(&name, dir, &error))?;
    answered(&name, dir, status, stdout, &stderr)
}

/// Runs `git` in a directory and hands on what it prints, part by part.
pub(super) fn git_in_parts(
    dir: &Path,
    arguments: &[&str],
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<Answer, GitError> {
    let (mut command, name) = prepared(dir, &More::default(), arguments);
    // What is larger is copied from a pack part by part. For this command alone: git merges and compares by it, too.
    command
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.bigFileThreshold")
        .env("GIT_CONFIG_VALUE_0", "1m");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| not_started(&name, dir, &error))?;
    let taken = child.stdout.take().map_or(Ok(()), |mut stdout| {
        let mut buffer = vec![0; 256 << 10];
        loop {
            match stdout.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(more) => take(&buffer[..more])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    });
    // Its end of the pipe is closed: it ends, whatever it still had to say.
    let failed = |error: io::Error| GitError::Command {
        command: name.clone(),
        path: dir.to_owned(),
        reason: error.to_string(),
    };
    let status = child.wait().map_err(failed)?;
    taken.map_err(failed)?;
    answered(&name, dir, status, Vec::new(), &[])
}

/// Prepares the program, and returns its command's name.
fn prepared<I, S>(dir: &Path, more: &More<'_>, arguments: I) -> (Command, String)
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new("git");
    without_another_repository(&mut command);
    command.env("LC_ALL", "C").env("LANGUAGE", "C");
    more.person.unwrap_or_default().ask(&mut command);
    command
        .env("GIT_EDITOR", "true")
        .env("GIT_SEQUENCE_EDITOR", "true")
        .env("GIT_PAGER", "cat");
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command.envs(more.variables.iter().copied());
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
    (command, name)
}

fn not_started(name: &str, dir: &Path, error: &io::Error) -> GitError {
    GitError::Command {
        command: name.to_owned(),
        path: dir.to_owned(),
        reason: format!(
            "it cannot be started ({error}): install git, and see that it is in PATH; `paracle-host doctor` tries it"
        ),
    }
}

fn answered(
    name: &str,
    dir: &Path,
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: &[u8],
) -> Result<Answer, GitError> {
    match status.code() {
        Some(code) => Ok(Answer {
            code,
            stdout,
            stderr: String::from_utf8_lossy(stderr).trim().to_owned(),
        }),
        None => Err(GitError::Command {
            command: name.to_owned(),
            path: dir.to_owned(),
            reason: format!("it was stopped ({status})"),
        }),
    }
}

/// Runs a command with a few lines of input, which fit into a pipe before anybody reads them.
fn output(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    if input.is_empty() {
        return command.stdin(Stdio::null()).output();
    }
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut pipe) = child.stdin.take()
        && pipe.write_all(input).is_err()
    {
        // It ended without reading all of it, and says why.
    }
    child.wait_with_output()
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
