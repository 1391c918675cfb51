//! A repository for one attack, with secrets around it that must stay what and where they are.
#![expect(
    clippy::disallowed_methods,
    reason = "the files of an attack are made, changed and looked at here"
)]

use std::fs;
use std::path::{Path, PathBuf};

use super::act::{Attack, Tamper};
use super::guests::{self, NEIGHBOUR};
use super::process::{Place, git};
use super::reach;

/// A repository, and what stands around it.
pub(super) struct Arena {
    folder: tempfile::TempDir,
    pub(super) place: Place,
}

impl Arena {
    /// Makes a repository with a commit, with the neighbour as its only plugin.
    pub(super) fn new(cache: &Path) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("paracle-attack-")
            .tempdir()
            .map_err(|error| format!("no folder can be made: {error}"))?;
        let arena = Self {
            place: Place {
                repository: folder.path().join("repository"),
                // One key for all: code that one attack compiled is good for the next.
                own: cache.join("own"),
                cache: cache.to_owned(),
                secret: format!("secret-{}", ulid::Ulid::generate()),
            },
            folder,
        };
        arena.write("README.md", b"# Under attack\n")?;
        arena.write("src/main.rs", b"fn main() {}\n")?;
        arena.write(".gitignore", b"/.parac/\n")?;
        for words in [
            ["init", "--quiet", "--initial-branch=main"].as_slice(),
            &["add", "--all"],
            &["commit", "--quiet", "--message=first"],
        ] {
            git(&arena.place.repository, words)?;
        }
        for path in arena.secrets() {
            write(&path, arena.place.secret.as_bytes())?;
        }
        arena.plugins(&[NEIGHBOUR], "")?;
        Ok(arena)
    }

    /// Puts the attacking plugins beside the neighbour.
    pub(super) fn arm(&self, attack: &Attack) -> Result<(), String> {
        self.plugins(attack.guests, attack.entries)
    }

    /// Puts plugins and their entries beside the neighbour.
    pub(super) fn plugins(&self, guests: &[&str], entries: &str) -> Result<(), String> {
        for guest in guests {
            let (file, bytes) =
                guests::of(guest).ok_or_else(|| format!("there is no guest {guest}"))?;
            self.write(&format!(".parac/plugins/{file}"), &bytes)?;
        }
        // The neighbour's configuration is nobody else's business.
        let secret = &self.place.secret;
        let yaml =
            format!("plugins: [{{name: {NEIGHBOUR}, config: {{key: {secret}}}}}, {entries}]");
        self.write(".parac/config/plugins.yaml", yaml.as_bytes())
    }

    /// Gives the attack a person of its own, who may approve, and whose secret `KEY` nobody else may learn.
    pub(super) fn own_person(&mut self) -> Result<(), String> {
        const KEY: &str = "key";
        let shared = self.place.own.join(KEY);
        if !shared.exists() {
            reach::run(&self.place, &["plugin", "list"])?;
        }
        // The same key, so that code that another attack compiled is good here.
        let own = self.folder.path().join("own");
        let key = fs::read(&shared).map_err(|error| format!("{}: {error}", shared.display()))?;
        write_private(&own.join(KEY), &key)?;
        write_private(&own.join("canary"), self.place.secret.as_bytes())?;
        write_private(
            &own.join("config.yaml"),
            b"secrets: { KEY: { file: canary } }\n",
        )?;
        self.place.own = own;
        Ok(())
    }

    /// Keeps the compiled code of this attack apart from that of others.
    pub(super) fn own_cache(&mut self) {
        self.place.cache = self.folder.path().join("cache");
    }

    /// Changes the compiled code of the neighbour.
    pub(super) fn tamper(&self, how: Tamper) -> Result<(), String> {
        let codes = compiled(&self.place.cache)?;
        let (_, bytes) = guests::of(NEIGHBOUR).ok_or("there is no neighbour")?;
        let digest = paracle_host::model::Digest::of(&bytes).hex();
        let is_neighbours = |path: &&PathBuf| path.to_string_lossy().contains(&digest);
        let code = codes
            .iter()
            .find(is_neighbours)
            .ok_or("no compiled code is kept")?;
        let other = codes.iter().find(|path| !is_neighbours(path));
        let read = |path: &PathBuf| fs::read(path).map_err(|error| error.to_string());
        let mut bytes = read(code)?;
        match how {
            Tamper::Swap => bytes = read(other.ok_or("there is no other code")?)?,
            Tamper::Cut => bytes.truncate(bytes.len() / 2),
            // What is in front says what it is made for, and has to be right to be taken for code.
            Tamper::Garbage => bytes.iter_mut().skip(4096).for_each(|byte| *byte ^= 0x5a),
        }
        // In place, with the file's rights as they are.
        fs::write(code, bytes).map_err(|error| error.to_string())
    }

    fn secrets(&self) -> [PathBuf; 3] {
        [
            self.folder.path().join("secret"),
            self.place.repository.join(".git/secret"),
            self.place.repository.join(".parac/secret"),
        ]
    }

    /// Returns where a guest may look for what it must not find.
    pub(super) fn temptations(&self) -> Vec<String> {
        self.secrets()
            .iter()
            .chain([&self.place.own, &self.place.cache])
            .map(|path| path.to_string_lossy().into_owned())
            .collect()
    }

    /// Says what is not as it was, and what no repository may hold.
    pub(super) fn damage(&self) -> Option<String> {
        for path in self.secrets() {
            if fs::read(&path).ok().as_deref() != Some(self.place.secret.as_bytes()) {
                return Some(format!("{} was changed", path.display()));
            }
        }
        let repository = &self.place.repository;
        let status = git(repository, &["status", "--porcelain"]);
        if status.as_deref() != Ok("") {
            return Some(format!("the checkout was changed: {status:?}"));
        }
        // It knows each name and link that a checkout must not meet.
        let checked = git(
            repository,
            &["fsck", "--strict", "--no-dangling", "--no-progress"],
        );
        checked.err()
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        write(&self.place.repository.join(path), bytes)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Writes what nobody but the person may read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    write(path, bytes)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
        .map_err(|error| format!("cannot close {}: {error}", path.display()))
}

/// Lists the files of compiled code.
fn compiled(cache: &Path) -> Result<Vec<PathBuf>, String> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>, String> {
        let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    };
    let mut codes = Vec::new();
    for folder in list(cache)?.into_iter().filter(|path| path.is_dir()) {
        codes.extend(list(&folder)?);
    }
    codes.retain(|path| path.extension().is_some_and(|ending| ending == "cwasm"));
    Ok(codes)
}

/// Returns the most memory that a process had at once, where the system tells.
pub(super) fn peak_mib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib >> 10)
}
