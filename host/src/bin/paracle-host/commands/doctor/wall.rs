//! Check of the second wall, by trying it: this program is started once more, goes behind it and tries to get out.
#![expect(
    clippy::disallowed_methods,
    reason = "doctor starts itself, with a folder of its own to reach for"
)]

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use paracle_host::config::{Settings, Surroundings};
use paracle_host::flow::LoadFailure;
use paracle_host::git::Repo;
use paracle_host::model::WallMode;

use super::behind::{Behind, Found, SECRET};
use super::check::Check;
use crate::context::Context;

const NAME: &str = "second wall";

pub(super) fn look(context: &Context, settings: &Settings, failures: &[LoadFailure]) -> Check {
    let mode = settings.person.wall;
    if mode == WallMode::Off {
        return Check::warning(
            NAME,
            "off, as `wall:` in config.yaml says",
            "remove the line: a hole in the sandbox would then lead to little",
        );
    }
    match trial(context, settings) {
        Ok(found) => judge(mode, &found, failures),
        Err(error) => Check::problem(
            NAME,
            format!("it could not be tried: {error}"),
            "start `paracle-host doctor` again from another folder; if that fails too, please report it",
        ),
    }
}

fn judge(mode: WallMode, found: &Found, failures: &[LoadFailure]) -> Check {
    let missing = |todo| match mode {
        WallMode::Required => Check::problem(NAME, &found.state, todo),
        WallMode::Auto | WallMode::Off => Check::warning(NAME, &found.state, todo),
    };
    let only_behind: Vec<_> = found
        .failures
        .iter()
        .filter(|failure| {
            !failures
                .iter()
                .any(|other| failure.starts_with(&other.path.display().to_string()))
        })
        .cloned()
        .collect();
    let check = if !found.enforced {
        missing("the sandbox is the only wall on this machine; a newer kernel has the second")
    } else if !found.open.is_empty() {
        Check::problem(
            NAME,
            format!(
                "{}, and yet this was possible: {}",
                found.state,
                found.open.join("; ")
            ),
            "please report it, with the whole output of `paracle-host doctor --json`",
        )
    } else if !found.shut.is_empty() || !only_behind.is_empty() {
        let shut: Vec<_> = found.shut.iter().chain(&only_behind).cloned().collect();
        Check::problem(
            NAME,
            format!("it keeps out what the host needs: {}", shut.join("; ")),
            "please report it; until then `wall: off` in config.yaml, or `--wall off`, does without",
        )
    } else {
        Check::ok(
            NAME,
            format!(
                "{}; {} ways out were tried from {} kinds of thread and from a program, and none was open",
                found.state,
                found.ways.len(),
                found.threads.len()
            ),
        )
    };
    Check {
        detail: serde_json::to_value(found).ok(),
        ..check
    }
}

/// Starts this program behind the wall, and gives it something to reach for.
fn trial(context: &Context, settings: &Settings) -> Result<Found, String> {
    let said = |error: io::Error| error.to_string();
    let outside = Outside::make(settings).map_err(said)?;
    let listen = || {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        Ok((listener, port))
    };
    let (_tcp, port) = listen().map_err(said)?;
    let (_granted, granted) = listen().map_err(said)?;
    #[cfg(target_os = "linux")]
    let _abstract = {
        use std::os::linux::net::SocketAddrExt as _;
        use std::os::unix::net::{SocketAddr, UnixListener};
        let name = outside.0.as_os_str().as_encoded_bytes();
        SocketAddr::from_abstract_name(name).and_then(|address| UnixListener::bind_addr(&address))
    };
    let mut command = Command::new(std::env::current_exe().map_err(said)?);
    let only = context
        .only()
        .map_err(|failure| failure.message().into_owned())?;
    if let Some(repo) = only {
        command.arg("--repo").arg(repo);
    }
    let output = command
        .args(Behind::arguments(&outside.0, port, granted))
        .stdin(Stdio::null())
        .output()
        .map_err(said)?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        String::from_utf8_lossy(&output.stderr)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// A folder that nothing in the configuration names; removed at the end.
struct Outside(PathBuf);

impl Outside {
    fn make(settings: &Settings) -> io::Result<Self> {
        let name = format!("paracle-doctor-{}", ulid::Ulid::generate());
        let bases = [
            Some(std::env::temp_dir()),
            Surroundings::read().home,
            Some("/var/tmp".into()),
        ];
        let inside = |base: &Path| {
            needed(settings)
                .iter()
                .any(|needed| base.starts_with(needed))
        };
        let mut failed = io::Error::other("every folder for it is one that the host needs");
        for base in bases.into_iter().flatten().filter(|base| !inside(base)) {
            let folder = base.join(&name);
            let made = fs::DirBuilder::new()
                .mode(0o700)
                .create(&folder)
                .and_then(|()| fs::write(folder.join(SECRET), SECRET));
            match made {
                Ok(()) => return Ok(Self(folder)),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // Litter in a temporary folder is no failure.
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

fn needed(settings: &Settings) -> Vec<PathBuf> {
    let mut needed = vec![
        settings.directory.clone(),
        settings.cache.clone(),
        settings.own.clone(),
    ];
    if let Ok(repo) = Repo::discover(&settings.directory) {
        needed.extend(repo.workdir().map(Path::to_owned));
        needed.push(repo.common_dir().to_owned());
    }
    needed
}
