//! Several repositories: which they are, and what of each a call and a wall need.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{CallError, Host};
use crate::config::{ConfigError, Environment, MemberSettings, Settings, Surroundings};
use crate::execution::Workbench;
use crate::git::{Footprint, GitError, Repo};
use crate::model::{CommitId, ExecutionId, InvalidName, Member, MemberName, Members, said_of};
use crate::policy::Permit;

/// Where executions are worked at, in each repository.
pub(super) type Benches = Members<Arc<Workbench>>;

/// Why several repositories cannot be worked in together.
#[derive(Debug, thiserror::Error)]
pub enum MembersError {
    /// The configuration of one cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// One is no repository.
    #[error("several repositories were named, and one cannot be used: {0}")]
    Git(#[from] GitError),
    /// A folder's name cannot be one in the workspace.
    #[error("{source}; write `--repo NAME={}`", path.display())]
    Name {
        /// The folder.
        path: PathBuf,
        /// What is wrong with its name.
        source: InvalidName,
    },
    /// A path is not text, which a repository cannot note of another.
    #[error("{} is no UTF-8, so that no other repository can name it: move it, or name a link to it", path.display())]
    NotText {
        /// The folder.
        path: PathBuf,
    },
    /// Two would be in one place.
    #[error(
        "two repositories are called {name}: give one of them another name, as in `--repo {name}-2={}`",
        path.display()
    )]
    SameName {
        /// The name.
        name: MemberName,
        /// The second.
        path: PathBuf,
    },
    /// Two folders are of one repository.
    #[error(
        "{} and {} are in one repository, which an execution can change once: name one of them",
        first.display(), second.display()
    )]
    SameRepository {
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
}

/// A repository as a person named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFolder {
    /// The name that they gave it; without one, it has its folder's.
    pub name: Option<MemberName>,
    /// The folder.
    pub path: PathBuf,
}

/// Reads the configuration of several repositories; the first is the main one.
pub fn gather(
    environment: &Environment,
    folders: &[NamedFolder],
) -> Result<Settings, MembersError> {
    let mut members: Vec<MemberSettings> = Vec::new();
    let mut seen: Vec<(PathBuf, PathBuf)> = Vec::new();
    for folder in folders {
        let settings = Settings::load(environment.clone(), Some(&folder.path))?;
        let path = settings.directory.clone();
        let repo = Repo::discover(&path)?;
        let common = repo.common_dir();
        let common = common.canonicalize().unwrap_or_else(|_| common.to_owned());
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == common) {
            return Err(MembersError::SameRepository {
                first: first.clone(),
                second: path,
            });
        }
        let name = match &folder.name {
            Some(name) => name.clone(),
            None => name_of(&repo, &path)?,
        };
        let taken = |member: &MemberSettings| {
            let other = member.member.name.as_str();
            other.eq_ignore_ascii_case(name.as_str())
        };
        if members.iter().any(taken) {
            return Err(MembersError::SameName { name, path });
        }
        if path.to_str().is_none() {
            return Err(MembersError::NotText { path });
        }
        seen.push((common, path.clone()));
        members.push(MemberSettings {
            member: Member { name, path },
            settings,
        });
    }
    match members.first() {
        Some(main) => Ok(Settings {
            members: members.clone(),
            ..main.settings.clone()
        }),
        None => Ok(Settings::load(environment.clone(), None)?),
    }
}

/// Returns what the root of a repository is called.
fn name_of(repo: &Repo, path: &Path) -> Result<MemberName, MembersError> {
    let root = repo.workdir().unwrap_or(repo.common_dir());
    let name = root.file_name().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default();
    let name = match repo.workdir() {
        Some(_) => &*name,
        // One without files.
        None => name.strip_suffix(".git").unwrap_or(&name),
    };
    name.parse().map_err(|source| MembersError::Name {
        path: path.to_owned(),
        source,
    })
}

/// Opens the benches of the repositories that settings are of.
pub(super) fn benches(settings: &Settings) -> Result<Benches, GitError> {
    if settings.members.is_empty() {
        let repo = Repo::discover(&settings.directory)?;
        return Ok(Members::One(Arc::new(Workbench::new(
            repo,
            settings.git.clone(),
            &[],
        ))));
    }
    let all: Vec<Member> = settings
        .members
        .iter()
        .map(|one| one.member.clone())
        .collect();
    let benches = settings.members.iter().map(|one| {
        let repo = Repo::discover(&one.member.path)?;
        let bench = Workbench::new(repo, one.settings.git.clone(), &all);
        Ok((one.member.name.clone(), Arc::new(bench)))
    });
    Ok(Members::Several(benches.collect::<Result<_, GitError>>()?))
}

/// Finds what git touches in each repository; of none, only what it touches anywhere.
pub(super) fn footprints(
    settings: &Settings,
    around: &Surroundings,
) -> Vec<(Option<Repo>, Footprint)> {
    let mut folders = vec![settings.directory.as_path()];
    // The first is the main one.
    let others = settings.members.iter().skip(1);
    folders.extend(others.map(|one| one.member.path.as_path()));
    let footprint = |folder| {
        let repo = Repo::discover(folder).ok();
        let git = Footprint::of(repo.as_ref(), &around.git, around.home.as_deref());
        (repo, git)
    };
    folders.into_iter().map(footprint).collect()
}

impl Host {
    /// Returns what a call starts from in each repository.
    pub(super) fn bases_of(&self, permit: &Permit) -> Result<Members<(Repo, CommitId)>, CallError> {
        let benches = self.benches()?;
        (*benches)
            .as_ref()
            .try_map(|_, bench| Ok(bench.base_of(permit)?))
    }

    /// Says what of the person's work a call does not see. Looking is a courtesy: a filter that git cannot run is no reason to
    /// refuse the call.
    pub(super) fn unseen(&self, execution: &ExecutionId) -> Result<Vec<String>, CallError> {
        let mut notes = Vec::new();
        for (name, bench) in self.benches()?.iter() {
            let unseen = bench.unseen(execution).unwrap_or_else(|error| {
                vec![format!(
                    "what is uncommitted could not be looked at: {error}"
                )]
            });
            notes.extend(unseen.into_iter().map(|note| said_of(name, note)));
        }
        Ok(notes)
    }
}
