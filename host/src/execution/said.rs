//! Which repositories a person named for an execution, on this machine.
//!
//! The record says it, too, and travels with the refs that it stands behind; what came with a clone is nobody's word here, and
//! must lead into no repository. This does not travel: it lies beside the execution's lock, in the git directory.
#![expect(
    clippy::disallowed_methods,
    reason = "what must not travel with refs is a file"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ExecutionError, Executions};
use crate::git::{GitError, Repo};
use crate::model::{ExecutionId, Member, MemberName};

/// A person's word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// The repositories that they named.
    pub(super) members: Vec<Member>,
    /// Those in which the execution began.
    pub(super) begun: BTreeSet<MemberName>,
    /// Those of them in which it changed nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) unchanged: BTreeSet<MemberName>,
}

impl Said {
    /// Tells whether work of the execution was in a repository.
    pub(super) fn changed(&self, name: &MemberName) -> bool {
        self.begun.contains(name) && !self.unchanged.contains(name)
    }
}

fn place(repo: &Repo, id: &ExecutionId) -> PathBuf {
    let folder = repo.common_dir().join("paracle").join("executions");
    folder.join(format!("{id}.members"))
}

fn read(repo: &Repo, id: &ExecutionId) -> Said {
    let bytes = fs::read(place(repo, id)).unwrap_or_default();
    // What cannot be read says nothing, and nothing is reached by it.
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn write(repo: &Repo, id: &ExecutionId, said: &Said) -> Result<(), GitError> {
    let place = place(repo, id);
    let failed = |error| GitError::file("write", &place, error);
    let text = serde_json::to_vec(said).map_err(|error| failed(error.into()))?;
    let folder = place.parent().unwrap_or(repo.common_dir());
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&text).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&place).map_err(|error| failed(error.error))?;
    Ok(())
}

impl Executions {
    /// Keeps, in each repository, which ones this process was told of, and that the execution begins in this one, with work of it
    /// or without.
    pub(super) fn say(&self, id: &ExecutionId, changed: bool) -> Result<(), ExecutionError> {
        let members = self.members.to_vec();
        let mut repos = Vec::new();
        for member in &members {
            let executions = self.of_member(id, member)?;
            repos.push((member.name.clone(), executions));
        }
        let here = repos.iter().find(|(_, there)| self.is_of(there));
        let here = here.map(|(name, _)| name.clone());
        for (_, there) in &repos {
            let mut said = read(&there.repo, id);
            if said.members != members {
                said = Said {
                    members: members.clone(),
                    ..Said::default()
                };
            }
            if let Some(here) = &here {
                let anew = said.begun.insert(here.clone());
                if changed {
                    said.unchanged.remove(here);
                } else if anew {
                    said.unchanged.insert(here.clone());
                }
            }
            write(&there.repo, id, &said)?;
        }
        Ok(())
    }

    /// Returns what a person said of an execution's repositories, where that is what its state says.
    pub(super) fn said(
        &self,
        id: &ExecutionId,
        members: &[Member],
    ) -> Result<Said, ExecutionError> {
        let said = read(&self.repo, id);
        if said.members == members {
            Ok(said)
        } else {
            Err(ExecutionError::Unsaid {
                id: id.clone(),
                members: super::members::listed(members),
            })
        }
    }

    /// Tells whether an execution began here once and was forgotten here since, as this repository itself says.
    pub(super) fn gave_up(&self, id: &ExecutionId, members: &[Member], name: &MemberName) -> bool {
        let said = read(&self.repo, id);
        said.members == members && !said.begun.contains(name)
    }

    /// Forgets, in each repository, that an execution began in this one.
    pub(super) fn unsay(&self, id: &ExecutionId) {
        let said = read(&self.repo, id);
        let mut repos: Vec<_> = said
            .members
            .iter()
            .filter_map(|member| Some((member, self.of_member(id, member).ok()?)))
            .collect();
        let here = repos.iter().find(|(_, there)| self.is_of(there));
        let Some(here) = here.map(|(member, _)| member.name.clone()) else {
            return;
        };
        for (_, there) in &mut repos {
            let mut said = read(&there.repo, id);
            said.begun.remove(&here);
            said.unchanged.remove(&here);
            let done = if said.begun.is_empty() {
                fs::remove_file(place(&there.repo, id)).map_err(|_| ())
            } else {
                write(&there.repo, id, &said).map_err(|_| ())
            };
            if done.is_err() {
                // It says of an execution that is gone where it was.
            }
        }
    }
}
