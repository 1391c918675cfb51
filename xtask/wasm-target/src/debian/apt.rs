//! Runs apt with lists, cache and configuration of our own, so that it needs no root and installs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{At, Error};
use crate::run::run;

/// Apt's view of some suites, kept in a scratch folder.
#[derive(Debug)]
pub(crate) struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// Fetches and verifies the lists of the suites in `sources`, which is text in apt's deb822 format.
    pub(crate) fn update(folder: &Path, sources: &str) -> Result<Self, Error> {
        for below in ["lists/partial", "cache/archives/partial", "got"] {
            let path = folder.join(below);
            fs::create_dir_all(&path).at("create", path)?;
        }
        let dump = run(
            "read apt's configuration",
            Command::new("apt-config").arg("dump"),
        )?;
        let files = [
            ("apt.conf", configuration(folder, &dump)),
            ("s.sources", sources.to_owned()),
        ];
        for (name, text) in files {
            let path = folder.join(name);
            fs::write(&path, text).at("write", path)?;
        }
        let apt = Self {
            folder: folder.to_owned(),
        };
        run(
            "fetch Debian's package lists",
            apt.command("apt-get").arg("update"),
        )?;
        Ok(apt)
    }

    /// Returns the versions of a package, newest first.
    pub(crate) fn versions(&self, package: &str) -> Result<Vec<String>, Error> {
        let mut command = self.command("apt-cache");
        let table = run(
            "list a package's versions",
            command.args(["madison", package]),
        )?;
        let version = |line: &str| Some(line.split('|').nth(1)?.trim().to_owned());
        Ok(table.lines().filter_map(version).collect())
    }

    /// Downloads and verifies packages, each given as `name=version`, and returns their files.
    pub(crate) fn download(&self, packages: &[String]) -> Result<Vec<PathBuf>, Error> {
        let mut command = self.command("apt-get");
        command
            .current_dir(self.folder.join("got"))
            .arg("download")
            .args(packages);
        run("download packages from Debian", &mut command)?;
        debs_in(&self.folder.join("got"))
    }

    /// Downloads and verifies packages with all that they need and this machine lacks.
    pub(crate) fn download_with_needs(&self, packages: &[String]) -> Result<Vec<PathBuf>, Error> {
        let mut command = self.command("apt-get");
        command.args(["install", "--download-only", "--reinstall", "--yes"]);
        command
            .args(["--no-install-recommends", "--allow-downgrades"])
            .args(packages);
        run("download packages from Debian", &mut command)?;
        debs_in(&self.folder.join("cache/archives"))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("APT_CONFIG", self.folder.join("apt.conf"))
            .arg("--quiet=2");
        command
    }
}

/// Unpacks a package, or only one folder of it.
pub(crate) fn unpack(deb: &Path, only: Option<&str>, to: &Path) -> Result<(), Error> {
    let Some(only) = only else {
        return run(
            "unpack a package",
            Command::new("dpkg-deb").arg("-x").args([deb, to]),
        )
        .map(drop);
    };
    let spawn = |error| Error::Start {
        program: "dpkg-deb".to_owned(),
        source: error,
    };
    let mut command = Command::new("dpkg-deb");
    command
        .arg("--fsys-tarfile")
        .arg(deb)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut reader = command.spawn().map_err(spawn)?;
    let mut writer = Command::new("tar");
    writer
        .arg("-x")
        .arg("-C")
        .arg(to)
        .arg(only)
        .stderr(Stdio::null());
    if let Some(pipe) = reader.stdout.take() {
        writer.stdin(pipe);
    }
    let wrote = writer.status().map_err(|source| Error::Start {
        program: "tar".to_owned(),
        source,
    })?;
    let read = reader.wait().map_err(spawn)?;
    if wrote.success() && read.success() {
        return Ok(());
    }
    Err(Error::Missing(format!(
        "`{}` could not be unpacked",
        deb.display()
    )))
}

/// Writes apt's configuration: how the machine reaches its mirrors (proxies, time limits, keys) and nothing else of it.
/// Hooks of the machine must not run, and no setting may switch verification off.
fn configuration(folder: &Path, dump: &str) -> String {
    let ours = [
        "IndexTargets",
        "CompressionTypes",
        "Languages",
        "Changelogs",
        "GzipIndexes",
        "Allow",
    ];
    let carried = |line: &&str| match line.strip_prefix("Acquire::") {
        Some(setting) => !ours.iter().any(|name| setting.starts_with(name)),
        None => line.starts_with("Dir::Etc::trusted"),
    };
    let mut text: String = dump
        .lines()
        .filter(carried)
        .flat_map(|line| [line, "\n"])
        .collect();
    let folder = folder.display();
    for (name, value) in [
        ("Dir::Etc::main", "/dev/null"),
        ("Dir::Etc::parts", "/dev/null"),
        ("Dir::Etc::preferences", "/dev/null"),
        ("Dir::Etc::preferencesparts", "/dev/null"),
        ("Dir::Etc::sourceparts", "/dev/null"),
        ("Dir::Etc::sourcelist", &format!("{folder}/s.sources")),
        ("Dir::State::lists", &format!("{folder}/lists")),
        (
            "Dir::State::extended_states",
            &format!("{folder}/extended_states"),
        ),
        ("Dir::Cache", &format!("{folder}/cache")),
        ("Dir::Log", &format!("{folder}/log")),
        ("Acquire::AllowInsecureRepositories", "0"),
        ("Acquire::AllowWeakRepositories", "0"),
        ("Acquire::AllowDowngradeToInsecureRepositories", "0"),
        ("APT::Get::AllowUnauthenticated", "0"),
        // A list that did not come is an error here: the next suite is then tried.
        ("APT::Update::Error-Mode", "any"),
        // The locks that apt wants are root's; ours is in store.rs.
        ("Debug::NoLocking", "1"),
        ("Acquire::Languages", "none"),
        ("Acquire::Retries", "2"),
    ] {
        text += name;
        text += " \"";
        text += value;
        text += "\";\n";
    }
    text
}

/// Returns the packages in a folder.
fn debs_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut debs = Vec::new();
    for entry in fs::read_dir(folder).at("read", folder)? {
        let path = entry.at("read", folder)?.path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            debs.push(path);
        }
    }
    debs.sort();
    Ok(debs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "APT \"\";\nAPT::Update::Post-Invoke:: \"rm -f /var/cache\";\n\
        APT::Get::AllowUnauthenticated \"1\";\nAcquire \"\";\nAcquire::AllowInsecureRepositories \"1\";\n\
        Acquire::http::Proxy \"http://proxy.example:3128\";\nAcquire::IndexTargets::deb::DEP-11 \"\";\n\
        Dir::Etc::trustedparts \"trusted.gpg.d\";\nDir::State \"var/lib/apt\";\n";

    #[test]
    fn proxies_and_keys_are_carried_over() {
        let text = configuration(Path::new("/scratch"), DUMP);
        assert!(
            text.contains("Acquire::http::Proxy \"http://proxy.example:3128\";"),
            "{text}"
        );
        assert!(
            text.contains("Dir::Etc::trustedparts \"trusted.gpg.d\";"),
            "{text}"
        );
        assert!(
            text.contains("Dir::State::lists \"/scratch/lists\";"),
            "{text}"
        );
    }

    #[test]
    fn hooks_and_lax_verification_are_not() {
        let text = configuration(Path::new("/scratch"), DUMP);
        assert!(
            !text.contains("Post-Invoke") && !text.contains("DEP-11"),
            "{text}"
        );
        assert!(!text.contains("AllowInsecureRepositories \"1\""), "{text}");
        assert!(!text.contains("AllowUnauthenticated \"1\""), "{text}");
    }
}
