//! An execution of several repositories: where else it is.

use std::path::Path;
use std::sync::Arc;

use super::lock::Lock;
use super::{ExecutionError, Executions};
use crate::git::Repo;
use crate::model::{ExecutionId, ExecutionRecord, Member, MemberName, Members};

/// An execution as it is in one repository.
#[derive(Debug, Clone)]
pub struct Part {
    /// The executions of that repository.
    pub executions: Executions,
    /// Its state there.
    pub record: ExecutionRecord,
}

impl Executions {
    /// Finds an execution in each of the repositories that it works in and that know of it.
    ///
    /// Only a person's word leads from one to another ([`said`](super::said)): a state that came with a clone does not.
    pub fn everywhere(&self, id: &ExecutionId) -> Result<Members<Part>, ExecutionError> {
        let record = self.record(id)?;
        if record.members.is_empty() {
            return Ok(Members::One(Part {
                executions: self.clone(),
                record,
            }));
        }
        // Before any of them is looked at.
        let said = self.said(id, &record.members)?;
        let mut parts: Vec<(MemberName, Part)> = Vec::new();
        for member in &record.members {
            let executions = self.of_member(id, member)?;
            let Some((_, there)) = executions.read_record(id)? else {
                if said.changed(&member.name)
                    && !executions.gave_up(id, &record.members, &member.name)
                {
                    return Err(ExecutionError::Missing {
                        id: id.clone(),
                        name: member.name.clone(),
                        path: member.path.clone(),
                    });
                }
                continue;
            };
            if let Err(other) = executions.check_same(&there, &record.members) {
                if said.changed(&member.name) {
                    return Err(other);
                }
                // Another execution took the id there, where this one has nothing to lose.
                continue;
            }
            let part = Part {
                executions,
                record: there,
            };
            parts.push((member.name.clone(), part));
        }
        if !parts.iter().any(|(_, part)| self.is_of(&part.executions)) {
            return Err(ExecutionError::Moved {
                id: id.clone(),
                path: self.repo.common_dir().to_owned(),
                members: listed(&record.members),
            });
        }
        Ok(Members::Several(parts))
    }

    /// Names the repositories that an execution works in beside this one.
    pub fn others(&self, id: &ExecutionId) -> Result<Vec<Member>, ExecutionError> {
        let mut members = self.record(id)?.members;
        members.retain(|member| {
            Repo::discover(&member.path).map_or(true, |repo| {
                !is_same(repo.common_dir(), self.repo.common_dir())
            })
        });
        Ok(members)
    }

    pub(super) fn of_member(
        &self,
        id: &ExecutionId,
        member: &Member,
    ) -> Result<Self, ExecutionError> {
        let repo = Repo::discover(&member.path).map_err(|source| ExecutionError::Member {
            id: id.clone(),
            name: member.name.clone(),
            path: member.path.clone(),
            source: Box::new(source),
        })?;
        if is_same(repo.common_dir(), self.repo.common_dir()) {
            return Ok(self.clone());
        }
        Ok(Self::with_clock(repo, self.clock.clone()))
    }

    /// Tells whether both are of one repository.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        is_same(self.repo.common_dir(), other.repo.common_dir())
    }

    /// Checks that an execution works in the repositories that are meant, under the same names.
    pub(super) fn check_same(
        &self,
        record: &ExecutionRecord,
        members: &[Member],
    ) -> Result<(), ExecutionError> {
        let same = record.members.len() == members.len()
            && members.iter().all(|member| record.members.contains(member));
        if same {
            return Ok(());
        }
        Err(ExecutionError::OtherRepositories {
            id: record.id.clone(),
            path: self
                .repo
                .workdir()
                .unwrap_or(self.repo.git_dir())
                .to_owned(),
            members: listed(&record.members),
        })
    }

    /// Checks that what begins or goes on here is an execution of the repositories that this process works in.
    pub(super) fn check_members(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        let members: &Arc<[Member]> = &self.members;
        self.check_same(record, members)
    }
}

impl Part {
    /// Locks the execution here, and reads its state again.
    pub(super) fn lock(self, id: &ExecutionId) -> Result<(Self, Lock), ExecutionError> {
        let lock = Lock::take(&self.executions.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let record = self.executions.record(id)?;
        Ok((Self { record, ..self }, lock))
    }
}

impl Members<Part> {
    /// Locks an execution wherever it is, and reads its state again there.
    pub(super) fn lock(self, id: &ExecutionId) -> Result<(Self, Vec<Lock>), ExecutionError> {
        let mut locks = Vec::new();
        let parts = self.try_map(|_, part| {
            let (part, lock) = part.lock(id)?;
            locks.push(lock);
            Ok::<_, ExecutionError>(part)
        })?;
        Ok((parts, locks))
    }
}

/// Lists repositories as a person names them to the program.
pub(super) fn listed(members: &[Member]) -> String {
    if members.is_empty() {
        return "this repository alone".to_owned();
    }
    let words = members
        .iter()
        .map(|member| format!("--repo {}={}", member.name, member.path.display()));
    words.collect::<Vec<_>>().join(" ")
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
