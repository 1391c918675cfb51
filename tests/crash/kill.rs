//! One process of the program, killed at a random instant, and what it had said by then.

use std::fs;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// When a process is killed.
pub(super) enum Instants {
    /// So long after its start.
    After(Duration),
    /// So long after this path was there: the windows of interest are a few milliseconds of its life.
    Behind(PathBuf, Duration),
}

/// How a process ended.
pub(super) struct Ended {
    /// Whether it ended by itself, before its instant came.
    pub(super) by_itself: bool,
    /// Its exit code, where it ended by itself.
    pub(super) code: Option<i32>,
    /// What it had told of its call.
    pub(super) receipt: Option<Value>,
    pub(super) stderr: String,
    pub(super) lasted: Duration,
}

/// Runs a command, kills it at its instant, and waits until all that it had started has ended too.
pub(super) fn run(mut command: Command, instant: &Instants) -> Ended {
    let started = Instant::now();
    let mut child = command
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let group = child.id();
    let by_itself = !wait(&mut child, started, instant);
    let lasted = started.elapsed();
    // Of a process that has ended already, nothing is killed: it is this one's own child, and not waited for.
    if !by_itself {
        child.kill().unwrap();
    }
    let mut stdout = String::new();
    let mut stderr = String::new();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_to_string(&mut stdout).unwrap_or_default();
    let mut pipe = child.stderr.take().unwrap();
    pipe.read_to_string(&mut stderr).unwrap_or_default();
    let status = child.wait().unwrap();
    // Git goes on when the host is killed; what is looked at is what it leaves.
    while is_there(group) {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ended {
        by_itself: by_itself || status.code().is_some(),
        code: status.code(),
        receipt: serde_json::from_str(&stdout).ok(),
        stderr,
        lasted,
    }
}

/// Waits for the instant; tells whether the process lives on at it.
fn wait(child: &mut Child, started: Instant, instant: &Instants) -> bool {
    const LOOK: Duration = Duration::from_micros(200);
    let mut until = match instant {
        Instants::After(delay) => Some(started + *delay),
        Instants::Behind(..) => None,
    };
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        match (until, instant) {
            (Some(until), _) if Instant::now() >= until => return true,
            (None, Instants::Behind(path, delay)) if is_begun(path) => {
                until = Some(Instant::now() + *delay);
            }
            _ => {}
        }
        std::thread::sleep(LOOK);
    }
}

/// Tells whether a file is there, or anything in a folder.
fn is_begun(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.exists(),
    }
}

/// Tells whether a process of a group is there that still runs.
fn is_there(group: u32) -> bool {
    let processes = fs::read_dir("/proc").unwrap();
    processes.flatten().any(|process| {
        // `pid (name) state parent group …`; a name may hold anything.
        let Ok(stat) = fs::read_to_string(process.path().join("stat")) else {
            return false;
        };
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
        let state = fields.nth(1);
        state != Some("Z") && fields.nth(1) == Some(&group.to_string())
    })
}
