//! The audit journal of a repository: where it is, and whether it and the commits agree.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Host;
use crate::config::{self, KeyError, Settings};
use crate::git::{GitError, Repo};
use crate::model::{AuditRecord, Audited, CommitId, Digest, Origin, UserKey};
use crate::observe::{
    self, Claim, Fault, Journal, JournalError, Locate, Note, Place, Verdict, Wrong,
};

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
        let told = match &key {
            Some(key) => self.told(key)?,
            None => Told::default(),
        };
        let mut first = None;
        let mut verdict = observe::verify(&self.folder, key.as_ref(), |place, head, record| {
            let first = *first.get_or_insert(head.hash);
            let broken = told
                .of(&first)
                .find(|(claim, _)| claim.seq == head.seq && claim.hash != head.hash.to_string());
            match broken {
                Some((_, commit)) => Some(Wrong {
                    place: place.clone(),
                    fault: Fault::Edited,
                    message: format!(
                        "record {} is not the one that commit {commit} names",
                        head.seq
                    ),
                }),
                None => self.commit_of(place, record),
            }
        })?;
        if let (None, Some(first), Some(head)) = (&verdict.wrong, first, verdict.head)
            && let Some((claim, commit)) = told.of(&first).find(|(claim, _)| claim.seq > head.seq)
        {
            verdict.wrong = Some(Wrong {
                place: verdict.end.clone(),
                fault: Fault::TailMissing,
                message: format!(
                    "the journal ends with record {}, and commit {commit} names record {}",
                    head.seq, claim.seq
                ),
            });
        }
        verdict.notes.extend(told.notes(first.as_ref()));
        Ok(verdict)
    }

    /// Reads what the newest commits say of journals.
    fn told(&self, key: &UserKey) -> Result<Told, GitError> {
        let mut told = Told::default();
        for commit in self.repo.newest_commits(MOST_COMMITS)? {
            let mut foreign = false;
            // A commit that was made of several says what each of them said.
            for text in trailers(&commit.message, Claim::TRAILER) {
                match Claim::read(text, key) {
                    Some(claim) => told.ours.push((claim, commit.id.clone())),
                    None => foreign = true,
                }
            }
            if foreign {
                told.foreign.push(commit.id);
            }
        }
        Ok(told)
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
    fn commit_of(&self, place: &Place, record: &Value) -> Option<Wrong> {
        let text = |key| record.get(key).and_then(Value::as_str);
        let id: CommitId = text("commit")?.parse().ok()?;
        let execution = text("execution")?;
        let message = self.repo.commit(&id).ok()?.message;
        let of = trailer(&message, "Paracle-Execution")?;
        (of != execution).then(|| Wrong {
            place: place.clone(),
            fault: Fault::Commit,
            message: format!(
                "it names commit {id} for execution {execution}, and that is one of execution {of}"
            ),
        })
    }
}

/// What commits say of journals.
#[derive(Default)]
struct Told {
    /// What was said with the person's key.
    ours: Vec<(Claim, CommitId)>,
    /// Commits that say something with another key, or with none.
    foreign: Vec<CommitId>,
}

impl Told {
    /// Returns what was said of the journal with a first record.
    fn of(&self, first: &Digest) -> impl Iterator<Item = &(Claim, CommitId)> {
        self.ours
            .iter()
            .filter(move |(claim, _)| claim.is_of(first))
    }

    /// Says what a person should know of the rest, which says nothing of this journal.
    fn notes(&self, first: Option<&Digest>) -> Vec<Note> {
        let note = |count: usize, commit: Option<&CommitId>, what: &str| {
            let such = match (count, commit?) {
                (1, commit) => format!("commit {commit}"),
                (more, commit) => format!("{more} commits, such as {commit}"),
            };
            Some(Note {
                place: None,
                message: format!("{such}: {what}"),
            })
        };
        let is_another = |claim: &Claim| first.is_none_or(|first| !claim.is_of(first));
        let others: Vec<&CommitId> = self
            .ours
            .iter()
            .filter(|(claim, _)| is_another(claim))
            .map(|(_, commit)| commit)
            .collect();
        [
            note(
                self.foreign.len(),
                self.foreign.first(),
                "the trailer about a journal was not made with your key: it was made on another machine or by somebody else, and \
                 counts for nothing here",
            ),
            note(
                others.len(),
                others.first().copied(),
                "the trailer is yours and about another journal: that of another clone, or one that was here before",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Returns a trailer of a commit's message.
fn trailer<'a>(message: &'a str, key: &'a str) -> Option<&'a str> {
    trailers(message, key).next()
}

/// Returns all trailers of a key, the last first.
fn trailers<'a>(message: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    message
        .lines()
        .rev()
        .filter_map(move |line| line.strip_prefix(key)?.strip_prefix(": "))
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

impl Host {
    /// Returns the folder beside the repository's journal where an edge keeps what outlives a process; none without a repository.
    pub fn kept(&self, name: &str) -> Option<PathBuf> {
        let executions = self.executions().ok()?;
        Some(folder(executions.repo()).join(name))
    }
}

/// The journal is in the shared git directory, which no plugin can reach and no checkout shows.
fn folder(repo: &Repo) -> PathBuf {
    repo.common_dir().join("paracle")
}
