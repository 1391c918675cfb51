//! What every command is given: where to work, and how to answer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use paracle_host::config::{Environment, Settings};
use paracle_host::execution::Executions;
use paracle_host::flow::{Audit, Host, LoadFailure, NamedFolder, gather};
use paracle_host::git::Repo;
use paracle_host::model::{ExecutionId, MemberName, PluginName};
use paracle_host::registry::Plugin;

use crate::exit::Failure;
use crate::output;

/// The options that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Context {
    /// Works in this folder instead of the working directory. `run` and `mcp serve` take several, in one place, or NAME=PATH: each
    /// is then a folder of the workspace, and the first is the main one, whose configuration counts
    #[arg(long, global = true, value_name = "PATH", help_heading = "Everywhere")]
    repo: Vec<PathBuf>,
    /// Writes one JSON document on standard output, for programs
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
}

impl Context {
    /// Refuses repositories that were named in two places: those before the command would count for nothing.
    pub(crate) fn check_words(&self, words: impl Iterator<Item = OsString>) -> Result<(), Failure> {
        let is_repo = |word: &OsString| {
            let word = word.as_encoded_bytes();
            word == b"--repo" || word.starts_with(b"--repo=")
        };
        let given = words
            .take_while(|word| word != "--")
            .filter(is_repo)
            .count();
        if given > self.repo.len() {
            return Err(Failure::usage(
                "`--repo` stands before the command and after it: give all of them in one place",
            ));
        }
        for path in self.repo.iter().filter(|path| !path.exists()) {
            if let Some((name, _)) = path.to_str().and_then(|text| text.split_once('='))
                && let Err(error) = name.parse::<MemberName>()
            {
                return Err(Failure::usage(format!(
                    "there is no folder {}, and in NAME=PATH {error}",
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// Returns the one folder that was named, for a command that works in one repository.
    pub(crate) fn only(&self) -> Result<Option<&Path>, Failure> {
        match &self.named()[..] {
            [] => Ok(None),
            [NamedFolder { name: None, .. }] => Ok(self.repo.first().map(PathBuf::as_path)),
            _ => Err(Failure::usage(
                "this command works in one repository, and several were named, or one by NAME=PATH: give `--repo PATH` once (`run`, \
                 `mcp serve` and `mcp config` take several; an execution itself knows in which it works)",
            )),
        }
    }

    /// Returns the folder that the command works in, with links resolved.
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        let environment = Environment::read()?;
        Ok(match self.only()? {
            Some(repo) => environment.within(repo)?.directory,
            None => environment.directory,
        })
    }

    /// Reads the configuration.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(Environment::read()?, self.only()?)?)
    }

    /// Reads the configuration for a command that may work in several repositories.
    pub(crate) fn settings_of_all(&self) -> Result<Settings, Failure> {
        match &self.named()[..] {
            [] | [NamedFolder { name: None, .. }] => self.settings(),
            several => Ok(gather(&Environment::read()?, several)?),
        }
    }

    /// Returns the words for `--repo` that lead here from anywhere; none where a path is no text.
    pub(crate) fn folders(&self) -> Result<Option<Vec<String>>, Failure> {
        let several = match &self.named()[..] {
            [] | [NamedFolder { name: None, .. }] => {
                let folder = self.folder()?;
                return Ok(folder.to_str().map(|folder| vec![folder.to_owned()]));
            }
            several => gather(&Environment::read()?, several)?.members,
        };
        let words = several.into_iter().map(|one| {
            let path = one.member.path.to_str()?;
            Some(format!("{}={path}", one.member.name))
        });
        Ok(words.collect())
    }

    /// Reads the names in what was given for `--repo`: a path that is there is no name.
    pub(crate) fn named(&self) -> Vec<NamedFolder> {
        let folder = |path: &PathBuf| {
            let parts = path.to_str().and_then(|text| text.split_once('='));
            let named = parts.and_then(|(name, rest)| Some((name.parse().ok()?, rest)));
            match named {
                Some((name, rest)) if !path.exists() => NamedFolder {
                    name: Some(name),
                    path: rest.into(),
                },
                Some(_) | None => NamedFolder {
                    name: None,
                    path: path.clone(),
                },
            }
        };
        self.repo.iter().map(folder).collect()
    }

    /// Opens a host, with all its plugins.
    pub(crate) async fn host(&self) -> Result<Arc<Host>, Failure> {
        Ok(Host::open(self.settings()?).await?)
    }

    /// Opens the repository; needs no plugin and no configuration of one.
    pub(crate) fn repository(&self) -> Result<Repo, Failure> {
        Ok(Repo::discover(&self.folder()?)?)
    }

    /// Opens the executions of the repository.
    pub(crate) fn executions(&self) -> Result<Executions, Failure> {
        Ok(Executions::new(self.repository()?))
    }

    /// Says in which other repositories an execution works, where a command looks at this one alone.
    pub(crate) fn tell_others(&self, id: &ExecutionId) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let others = self.executions()?.others(id)?;
        if !others.is_empty() {
            let others = others
                .iter()
                .map(|one| format!("{} ({})", one.name, one.path.display()));
            let others: Vec<_> = others.collect();
            output::tell(&format!(
                "this is about this repository; the execution works in {} as well",
                others.join(" and ")
            ));
        }
        Ok(())
    }

    /// Opens the audit journal of the repository.
    pub(crate) fn audit(&self) -> Result<Audit, Failure> {
        Ok(Audit::of(self.repository()?))
    }
}

/// Returns a plugin that a command needs, or why it is not there.
pub(crate) fn loaded(host: &Host, name: &PluginName) -> Result<Arc<Plugin>, Failure> {
    host.registry().get(name).cloned().ok_or_else(|| {
        absent(host, name).unwrap_or_else(|| {
            Failure::usage(format!(
                "there is no plugin {name}: `paracle-host plugin list` shows what there is"
            ))
        })
    })
}

/// Says why a plugin that a command needs is not there; none where it is there, or nobody ever saw it.
pub(crate) fn absent(host: &Host, name: &PluginName) -> Option<Failure> {
    if host.registry().get(name).is_some() {
        return None;
    }
    let said = |failure: LoadFailure| format!("{} {}", failure.path.display(), failure.error);
    if let Some(failure) = host.failure_of(name) {
        return Some(Failure::usage(format!(
            "plugin {name} could not be loaded: {}",
            said(failure)
        )));
    }
    if let Some(entry) = host.settings().entry(name).filter(|entry| !entry.enabled) {
        return Some(Failure::usage(format!(
            "plugin {name} is disabled: set `enabled: true` at line {} of .parac/config/plugins.yaml",
            entry.line
        )));
    }
    // A file that could not tell its name is known by its file's, and may be the one.
    let mut nameless = host.failures();
    nameless.retain(|failure| {
        let stem = failure
            .path
            .file_stem()
            .map(|stem| stem.to_string_lossy().replace('_', "-"));
        failure
            .plugin
            .as_ref()
            .map(PluginName::as_str)
            .is_none_or(|name| stem.as_deref() == Some(name))
    });
    let nameless: Vec<String> = host.failures().into_iter().map(said).collect();
    match &nameless[..] {
        [] => None,
        [one] => Some(Failure::usage(format!(
            "there is no plugin {name}, unless it is what could not be loaded: {one}"
        ))),
        more => Some(Failure::usage(format!(
            "there is no plugin {name}, unless it is one of the {} files that could not be loaded: `paracle-host plugin list` says why",
            more.len()
        ))),
    }
}
