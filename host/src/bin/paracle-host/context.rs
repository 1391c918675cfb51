//! What every command is given: where to work, and how to answer.

use std::path::PathBuf;
use std::sync::Arc;

use paracle_host::config::{Environment, Settings};
use paracle_host::execution::Executions;
use paracle_host::flow::{Audit, Host, LoadFailure};
use paracle_host::git::Repo;
use paracle_host::model::PluginName;
use paracle_host::registry::Plugin;

use crate::exit::Failure;

/// The options that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Context {
    /// Works in this folder instead of the working directory
    #[arg(long, global = true, value_name = "PATH", help_heading = "Everywhere")]
    pub(crate) repo: Option<PathBuf>,
    /// Writes one JSON document on standard output, for programs
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
}

impl Context {
    /// Returns the folder that the command works in, with links resolved.
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        let environment = Environment::read()?;
        Ok(match &self.repo {
            Some(repo) => environment.within(repo)?.directory,
            None => environment.directory,
        })
    }

    /// Reads the configuration.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(Environment::read()?, self.repo.as_deref())?)
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
