//! Debian's archive as this machine reaches it: its mirrors and keys, with any suite.

use std::path::PathBuf;
use std::process::Command;

use super::apt::Apt;
use super::sources::{self, Entry};
use crate::error::{At, Error};
use crate::run::run;
use crate::store::Draft;

/// The archive of the distribution that runs here.
pub(crate) struct Archive<'a> {
    codename: String,
    entries: Vec<Entry>,
    draft: &'a Draft,
}

impl<'a> Archive<'a> {
    /// Reads where this machine has its packages from.
    pub(crate) fn of_this_machine(draft: &'a Draft) -> Result<Self, Error> {
        let mut command = Command::new("apt-config");
        command.args([
            "shell",
            "LIST",
            "Dir::Etc::sourcelist/f",
            "PARTS",
            "Dir::Etc::sourceparts/d",
        ]);
        let shell = run("read apt's configuration", &mut command).map_err(|_| {
            Error::Missing("this is no Debian machine: apt is not installed".to_owned())
        })?;
        let release = PathBuf::from("/etc/os-release");
        let release = std::fs::read_to_string(&release).at("read", release)?;
        let codename = variable(&release, "VERSION_CODENAME").ok_or_else(|| {
            Error::Missing("/etc/os-release names no VERSION_CODENAME".to_owned())
        })?;
        let path = |name| PathBuf::from(variable(&shell, name).unwrap_or_default());
        let mut entries = sources::read(&path("LIST"), &path("PARTS"));
        entries.retain(|entry| entry.serves(&codename));
        if entries.is_empty() {
            return Err(Error::Missing(format!(
                "apt's sources name no archive of {codename}"
            )));
        }
        // A vendor may name its suite like the distribution: Debian's own mirrors come first.
        entries.sort_by_key(|entry| !entry.uris.iter().any(|uri| uri.contains("debian")));
        Ok(Self {
            codename,
            entries,
            draft,
        })
    }

    /// Returns the name of the distribution's release, for instance `trixie`.
    pub(crate) fn codename(&self) -> &str {
        &self.codename
    }

    /// Opens one suite, which need not be among those that the machine uses.
    pub(crate) fn suite(&self, suite: &str) -> Result<Apt, Error> {
        let main = |entry: &&Entry| entry.suites.contains(&self.codename);
        let entries: Vec<&Entry> = self.entries.iter().filter(main).collect();
        let mut failed = Error::Missing(format!(
            "apt's sources name no archive of {}",
            self.codename
        ));
        for (at, entry) in entries.iter().enumerate() {
            let folder = self.draft.work(&format!("apt-{suite}-{at}"))?;
            match Apt::update(&folder, &entry.to_deb822(&[suite])) {
                Ok(apt) => return Ok(apt),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// Opens all suites of this distribution that the machine uses.
    pub(crate) fn own_suites(&self) -> Result<Apt, Error> {
        let paragraph = |entry: &Entry| {
            let suites: Vec<&str> = entry.suites.iter().map(String::as_str).collect();
            entry.to_deb822(&suites)
        };
        let text: String = self.entries.iter().map(paragraph).collect();
        Apt::update(&self.draft.work("apt-own")?, &text)
    }
}

/// Reads `NAME=value`, with or without quotes.
fn variable(text: &str, name: &str) -> Option<String> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches(['\'', '"']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_with_and_without_quotes() {
        let text = "ID=debian\nVERSION_CODENAME=bookworm\nLIST='/etc/apt/sources.list'\n";
        assert_eq!(
            variable(text, "VERSION_CODENAME").as_deref(),
            Some("bookworm")
        );
        assert_eq!(
            variable(text, "LIST").as_deref(),
            Some("/etc/apt/sources.list")
        );
        assert_eq!(variable(text, "VERSION"), None);
    }
}
