//! The audit journal of a repository: where it is, and whether it and the commits agree.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::config::{self, KeyError, Settings};
use crate::git::{GitError, Repo};
use crate::model::{AuditRecord, Audited, CommitId, Origin, UserKey};
use crate::observe::{self, Fault, Journal, JournalError, Locate, Verdict, Wrong};

/// Why a journal cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The key cannot be read.
    #[error("the audit journal needs the key of its writer: {0}")]
    Key(#[from] KeyError),
}

/// The audit journal of a repository, to be read.
pub struct Audit {
    repo: Repo,
    folder: PathBuf,
}

impl Audit {
    /// Finds the journal of a repository.
    pub fn of(repo: Repo) -> Self {
        Self {
            folder: folder(&repo),
            repo,
        }
    }

    /// Verifies the journal, and that the commits which it names are those of its calls.
    pub fn verify(&self, own: &Path) -> Result<Verdict, AuditError> {
        let key: Option<UserKey> = config::read_key(own)?;
        Ok(observe::verify(
            &self.folder,
            key.as_ref(),
            |line, record| self.commit_of(line, record),
        )?)
    }

    /// Adds what a person did by a command that opens no host. `own` is their folder.
    pub fn tell(&self, own: &Path, origin: Origin, what: Audited) -> Result<(), AuditError> {
        let key = config::open_key(own)?;
        let journal = Journal::new(&self.folder, Some(&key));
        journal.append(&[AuditRecord::now(origin, what)])?;
        Ok(())
    }

    /// Reads the records that a choice takes, at most the last `most`.
    pub fn records(
        &self,
        most: usize,
        choice: impl Fn(&Value) -> bool,
    ) -> Result<Vec<Value>, AuditError> {
        Ok(observe::read(&self.folder, most, choice)?)
    }

    /// Compares a record with the commit that it names. One that is gone was cleaned up with its branch, and one without
    /// trailers is a person's.
    fn commit_of(&self, line: u64, record: &Value) -> Option<Wrong> {
        let text = |key| record.get(key).and_then(Value::as_str);
        let id: CommitId = text("commit")?.parse().ok()?;
        let execution = text("execution")?;
        let message = self.repo.commit(&id).ok()?.message;
        let of = message
            .lines()
            .find_map(|line| line.strip_prefix("Paracle-Execution: "))?;
        (of != execution).then(|| Wrong {
            line,
            fault: Fault::Commit,
            message: format!(
                "it names commit {id} for execution {execution}, and that is one of execution {of}"
            ),
        })
    }
}

/// Finds the journal for the thread that writes it; a directory that is no repository yet is asked again.
pub(super) fn journal(settings: &Settings) -> Locate {
    let directory = settings.directory.clone();
    Box::new(move || Repo::discover(&directory).ok().map(|repo| folder(&repo)))
}

/// The journal is in the shared git directory, which no plugin can reach and no checkout shows.
fn folder(repo: &Repo) -> PathBuf {
    repo.common_dir().join("paracle")
}
