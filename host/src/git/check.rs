//! Running a person's command on a commit: in a working tree of its own that goes with it, for a bounded time.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` is the room that starts processes, and it looks after git's own files"
)]

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::command::{git, without_another_repository};
use super::{GitError, Repo};
use crate::model::CommitId;

/// How much of what a command says is kept: its end.
const KEPT: usize = 8 << 10;

/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long the last words of a command that ended are waited for: one that it left behind may hold its output open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// After this time a working tree that a killed process left is nobody's.
const LEFT_BEHIND: Duration = Duration::from_hours(48);

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; none where it was stopped.
    pub code: Option<i32>,
    /// Whether its time was over.
    pub late: bool,
    /// The end of what it said, on standard output and standard error.
    pub said: String,
}

impl Repo {
    /// Runs a program in a checkout of a commit, made for it and removed after it. It gets no input, and leaves nothing in the
    /// repository but what it puts there itself.
    pub fn run_on(
        &self,
        commit: &CommitId,
        command: &[String],
        time: Duration,
    ) -> Result<Ran, GitError> {
        let place = Place::make(self, commit)?;
        let name = command.first().map_or("", String::as_str);
        run(&place.path, command, time).map_err(|error| GitError::Check {
            command: name.to_owned(),
            source: error,
        })
    }
}

/// A working tree that goes with the value.
struct Place<'a> {
    repo: &'a Repo,
    path: PathBuf,
}

impl<'a> Place<'a> {
    fn make(repo: &'a Repo, commit: &CommitId) -> Result<Self, GitError> {
        let folder = repo.own_dir()?.join("checks");
        fs::create_dir_all(&folder).map_err(|error| GitError::file("make", &folder, error))?;
        clear(repo, &folder);
        let place = Self {
            path: folder.join(ulid::Ulid::generate().to_string()),
            repo,
        };
        let mut words = ["worktree", "add", "--quiet", "--detach", "--"]
            .map(std::ffi::OsString::from)
            .to_vec();
        words.extend([place.path.clone().into(), commit.as_str().into()]);
        let answer = git(repo.git_dir(), words)?;
        if answer.code == 0 {
            Ok(place)
        } else {
            Err(answer.error("worktree add", repo.git_dir()))
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        remove(self.repo, &self.path);
    }
}

/// Removes what processes that were killed left long ago.
fn clear(repo: &Repo, folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|then| then.elapsed().is_ok_and(|age| age > LEFT_BEHIND));
        if old {
            remove(repo, &entry.path());
        }
    }
}

fn remove(repo: &Repo, path: &Path) {
    let words = ["worktree", "remove", "--force", "--"].map(std::ffi::OsString::from);
    let removed = git(
        repo.git_dir(),
        words.into_iter().chain([path.to_owned().into()]),
    );
    if !removed.is_ok_and(|answer| answer.code == 0) && fs::remove_dir_all(path).is_err() {
        // It stays until the next check clears what is old.
    }
}

fn run(folder: &Path, words: &[String], time: Duration) -> io::Result<Ran> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::other("it has no words"));
    };
    let (reader, writer) = io::pipe()?;
    // A path is one of the commit's own tree; a name is looked up where the person's shell would.
    let mut command = if program.contains('/') {
        Command::new(folder.join(program))
    } else {
        Command::new(program)
    };
    without_another_repository(&mut command);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    let mut child = command.spawn()?;
    // Its own copies of the output's end would keep it open.
    drop(command);
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody may be there to hear it any more.
        tell.send(last_words(reader)).unwrap_or_default();
    });
    let ended = wait(&mut child, time)?;
    // What it started and left goes with it.
    stop(&child);
    let said = told.recv_timeout(LAST_WORDS).unwrap_or_default();
    Ok(Ran {
        code: ended.and_then(|status| status.code()),
        late: ended.is_none(),
        said,
    })
}

/// Waits for a process; `None` where its time was over and it was stopped.
fn wait(child: &mut Child, time: Duration) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() >= time {
            stop(child);
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

/// Ends all of a process's group.
fn stop(child: &Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if group.is_some_and(|group| kill_process_group(group, Signal::KILL).is_err()) {
        // Nobody of it is left.
    }
}

/// Reads to the end, and keeps the last of it.
fn last_words(mut from: io::PipeReader) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..count]);
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    let start = kept.len().saturating_sub(KEPT);
    String::from_utf8_lossy(&kept[start..]).trim().to_owned()
}
