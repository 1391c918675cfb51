//! Behind the wall: every way out is tried from every kind of thread, and what the host needs is used.
#![expect(
    clippy::disallowed_methods,
    reason = "what a hole in the sandbox would do, done on purpose"
)]

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use paracle_host::config::{Settings, Surroundings};
use paracle_host::execution::Executions;
use paracle_host::flow::{self, Host, home_is_inside};
use paracle_host::git::Repo;
use paracle_host::model::{Confined, Wall, WallMode};
use paracle_host::wall::Ports;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::exit::Failure;
use crate::{output, threads, walled};

/// The file that must not be read, and what is in it.
pub(super) const SECRET: &str = "secret";

/// How `doctor` starts itself.
#[derive(Debug, clap::Args)]
pub(super) struct Behind {
    /// A folder to reach for
    #[arg(long, hide = true, requires = "knock", requires = "granted")]
    outside: Option<PathBuf>,
    /// A port to connect to
    #[arg(long, hide = true, requires = "outside")]
    knock: Option<u16>,
    /// A port that may be connected to, as if a grant named it
    #[arg(long, hide = true, requires = "outside")]
    granted: Option<u16>,
}

/// What there is to reach for.
pub(super) struct Trial {
    outside: PathBuf,
    port: u16,
    granted: u16,
}

/// What was found behind the wall.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    /// The wall's state, in words.
    pub(super) state: String,
    pub(super) enforced: bool,
    /// The ways out that should be shut.
    pub(super) ways: Vec<String>,
    /// The kinds of threads that tried them.
    pub(super) threads: Vec<String>,
    /// Those that were open.
    pub(super) open: Vec<String>,
    /// What the host needs, and did not get.
    pub(super) shut: Vec<String>,
    /// Plugins that did not load.
    pub(super) failures: Vec<String>,
}

impl Found {
    fn note(&mut self, thread: &str, open: Vec<String>) {
        self.threads.push(thread.to_owned());
        self.open
            .extend(open.into_iter().map(|way| format!("{thread}: {way}")));
    }
}

impl Behind {
    pub(super) fn trial(self) -> Option<Trial> {
        Some(Trial {
            outside: self.outside?,
            port: self.knock?,
            granted: self.granted?,
        })
    }

    pub(super) fn arguments(outside: &Path, port: u16, granted: u16) -> [OsString; 7] {
        [
            "doctor".into(),
            "--outside".into(),
            outside.into(),
            "--knock".into(),
            port.to_string().into(),
            "--granted".into(),
            granted.to_string().into(),
        ]
    }
}

impl Trial {
    pub(super) fn run(&self, context: &Context) -> Result<(), Failure> {
        let settings = context.settings()?;
        let mut needs = walled::needs(&settings);
        if let Ports::These(ports) = &mut needs.connect {
            ports.push(self.granted);
        }
        let shut = match &needs.connect {
            Ports::All => false,
            Ports::These(ports) => !ports.contains(&self.port),
        };
        let wall = flow::confine(&settings, WallMode::Auto, needs)?;
        let ways = self.ways(&settings, &wall, shut);
        let names = ways.iter().map(|(name, _)| name.clone()).collect();
        let try_all = move || -> Vec<String> {
            let open = ways.iter().filter(|(_, open)| open());
            open.map(|(name, _)| name.clone()).collect()
        };
        let mut found = Found {
            state: wall.to_string(),
            enforced: matches!(wall, Wall::Enforced { .. }),
            ways: names,
            threads: Vec::new(),
            open: Vec::new(),
            shut: Vec::new(),
            failures: Vec::new(),
        };
        found.note("first thread", try_all());
        threads::run(async {
            let lost = |_| vec!["it ended".to_owned()];
            let work = std::sync::Arc::new(try_all);
            let other = work.clone();
            let plain = std::thread::spawn(move || other()).join();
            found.note(
                "plain thread",
                plain.unwrap_or_else(|_| vec!["it ended".to_owned()]),
            );
            let other = work.clone();
            let worker = tokio::spawn(async move { other() }).await;
            found.note("worker", worker.unwrap_or_else(lost));
            let blocking = tokio::task::spawn_blocking(move || work()).await;
            found.note("blocking thread", blocking.unwrap_or_else(lost));
            found.shut = unusable(&settings);
            if !connected(self.granted) {
                found
                    .shut
                    .push("connecting to a granted TCP port".to_owned());
            }
            let host = Host::open_behind(settings, wall).await?;
            found.failures = host
                .failures()
                .into_iter()
                .map(|failure| format!("{} {}", failure.path.display(), failure.error))
                .collect();
            host.close().await;
            output::json(&found)
        })
    }

    /// Lists the ways out that this wall shuts; each says whether it is open.
    fn ways(&self, settings: &Settings, wall: &Wall, port_is_shut: bool) -> Vec<Way> {
        let (outside, port) = (self.outside.clone(), self.port);
        let secret = outside.join(SECRET);
        let confined = wall.confines();
        let mut ways: Vec<Way> = Vec::new();
        if confined.contains(&Confined::Files) {
            let (file, program) = (secret.clone(), secret);
            way(&mut ways, "read a file outside", move || {
                fs::read(&file).is_ok()
            });
            way(&mut ways, "read a file outside by a program", move || {
                Command::new("cat")
                    .arg(&program)
                    .output()
                    .is_ok_and(|cat| cat.status.success())
            });
            let folder = outside.clone();
            way(&mut ways, "list a folder outside", move || {
                fs::read_dir(&folder).is_ok()
            });
            let folder = outside.clone();
            way(&mut ways, "write outside", move || written(&folder));
            let home = Surroundings::read().home;
            if let Some(home) = home.filter(|home| !home_is_needed(settings, home)) {
                way(&mut ways, "write to the home directory", move || {
                    written(&home)
                });
            }
        }
        if confined.contains(&Confined::Tcp) {
            if port_is_shut {
                way(&mut ways, "connect to a TCP port", move || connected(port));
            }
            way(&mut ways, "listen on a TCP port", || {
                TcpListener::bind("127.0.0.1:0").is_ok()
            });
        }
        #[cfg(target_os = "linux")]
        if confined.contains(&Confined::Sockets) {
            use std::os::linux::net::SocketAddrExt as _;
            use std::os::unix::net::{SocketAddr, UnixStream};
            way(&mut ways, "connect to an abstract socket", move || {
                SocketAddr::from_abstract_name(outside.as_os_str().as_encoded_bytes())
                    .and_then(|address| UnixStream::connect_addr(&address))
                    .is_ok()
            });
        }
        if confined.contains(&Confined::Signals) {
            way(&mut ways, "signal another process", || {
                let parent = rustix::process::getppid();
                parent.is_some_and(|parent| rustix::process::test_kill_process(parent).is_ok())
            });
        }
        ways
    }
}

type Way = (String, Box<dyn Fn() -> bool + Send + Sync>);

fn way(ways: &mut Vec<Way>, name: &str, open: impl Fn() -> bool + Send + Sync + 'static) {
    ways.push((name.to_owned(), Box::new(open)));
}

fn connected(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Tells whether a file could be made in a folder; it is removed again.
fn written(folder: &Path) -> bool {
    let file = folder.join(format!(".paracle-doctor-{}", ulid::Ulid::generate()));
    let written = fs::write(&file, SECRET).is_ok();
    fs::remove_file(&file).unwrap_or_default();
    written
}

/// Tells whether the home directory is part of what the host works in.
fn home_is_needed(settings: &Settings, home: &Path) -> bool {
    let repo = Repo::discover(&settings.directory).ok();
    let root = repo.as_ref().and_then(Repo::workdir);
    root.is_some_and(|root| home_is_inside(root, Some(home)) || home.starts_with(root))
}

/// Uses what the host needs, and tells what failed.
fn unusable(settings: &Settings) -> Vec<String> {
    let mut shut = Vec::new();
    for folder in [&settings.cache, &settings.own] {
        if folder.is_dir() && !written(folder) {
            shut.push(format!("writing to {}", folder.display()));
        }
    }
    let Ok(repo) = Repo::discover(&settings.directory) else {
        return shut;
    };
    match repo.own_dir() {
        Ok(folder) if written(&folder) => {}
        Ok(folder) => shut.push(format!("writing to {}", folder.display())),
        Err(error) => shut.push(error.to_string()),
    }
    let branch = settings.git.base_branch.as_ref().map(ToString::to_string);
    if let Ok(base) = Executions::new(repo.clone()).base(branch.as_deref())
        && let Err(error) = repo.try_git(&base.commit)
    {
        shut.push(error.to_string());
    }
    shut
}
