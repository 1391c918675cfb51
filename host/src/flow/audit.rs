//! The audit journal of a repository: where it is, and whether it and the commits agree.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::config::{self, KeyError, Settings};
use crate::git::{GitError, Repo};
use crate::model::{AuditRecord, Audited, CommitId, Origin, UserKey};
use crate::observe::{self, Claim, Fault, Journal, JournalError, Locate, Verdict, Wrong};

/// Commits that are asked what they say of the journal, the newest first.
const MOST_COMMITS: usize = 10_000;

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

    /// Verifies the journal, and that it and the commits agree. `own` is the folder of the person whose key it is.
    pub fn verify(&self, own: &Path) -> Result<Verdict, AuditError> {
        let key: Option<UserKey> = config::read_key(own)?;
        let claims = self.claims()?;
        let mut first = None;
        let mut verdict = observe::verify(&self.folder, key.as_ref(), |line, head, record| {
            let first = *first.get_or_insert(head.hash);
            let broken = claims
                .iter()
                .find(|(claim, _)| claim.seq == head.seq && claim.is_of(&first))
                .filter(|(claim, _)| claim.hash != head.hash.to_string());
            match broken {
                Some((_, commit)) => Some(Wrong {
                    line,
                    fault: Fault::Edited,
                    message: format!(
                        "record {} is not the one that commit {commit} names",
                        head.seq
                    ),
                }),
                None => self.commit_of(line, record),
            }
        })?;
        if let (None, Some(first), Some(head)) = (&verdict.wrong, first, verdict.head)
            && let Some((claim, commit)) = claims
                .iter()
                .filter(|(claim, _)| claim.is_of(&first))
                .find(|(claim, _)| claim.seq > head.seq)
        {
            verdict.wrong = Some(Wrong {
                line: verdict.records + 1,
                fault: Fault::TailMissing,
                message: format!(
                    "the journal ends with record {}, and commit {commit} names record {}",
                    head.seq, claim.seq
                ),
            });
        }
        Ok(verdict)
    }

    /// Reads what the newest commits say of journals; those of clones name other ones.
    fn claims(&self) -> Result<Vec<(Claim, CommitId)>, GitError> {
        let commits = self.repo.newest_commits(MOST_COMMITS)?;
        Ok(commits
            .into_iter()
            .filter_map(|commit| {
                let claim = trailer(&commit.message, Claim::TRAILER)?;
                Some((Claim::parse(claim)?, commit.id))
            })
            .collect())
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
        let of = trailer(&message, "Paracle-Execution")?;
        (of != execution).then(|| Wrong {
            line,
            fault: Fault::Commit,
            message: format!(
                "it names commit {id} for execution {execution}, and that is one of execution {of}"
            ),
        })
    }
}

/// Returns a trailer of a commit's message.
fn trailer<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    message
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}

/// Returns what a commit that is made now says of the journal.
pub(super) fn claim(repo: &Repo, key: Option<&UserKey>) -> Option<(String, String)> {
    let anchor = Journal::new(&folder(repo), key).anchor()?;
    Some((Claim::TRAILER.to_owned(), anchor))
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
