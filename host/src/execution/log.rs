//! What an execution's calls committed, one after the other.

use jiff::Timestamp;

use super::{ExecutionDiff, ExecutionError, Executions};
use crate::git::{CommitInfo, RefName};
use crate::model::{
    CheckpointInfo, CommitId, ExecutionId, ExecutionLog, ExecutionRecord, LeftBehind,
};

/// The shortest beginning of a commit's id that names a checkpoint, as in `git log --oneline`.
const SHORTEST_ID: usize = 7;

impl Executions {
    /// Lists the checkpoints of an execution's branch, and what rewinding left.
    pub fn log(&self, id: &ExecutionId) -> Result<ExecutionLog, ExecutionError> {
        let record = self.record(id)?;
        self.log_of(&record)
    }

    pub(super) fn log_of(&self, record: &ExecutionRecord) -> Result<ExecutionLog, ExecutionError> {
        let tip = self.tip_of(record)?;
        let mut checkpoints = Vec::new();
        let mut before = self.repo.commit(&record.base_commit)?.tree;
        for (at, commit) in self
            .repo
            .commits_after(&record.base_commit, &tip)?
            .into_iter()
            .enumerate()
        {
            let changed = self.repo.edits(before, commit.tree)?.len();
            before = commit.tree;
            checkpoints.push(checkpoint(at + 1, commit, changed));
        }
        let mut left = Vec::new();
        for (kept, commit) in self.left_refs(&record.id)? {
            left.push(LeftBehind {
                checkpoints: self.repo.count_after(&tip, &commit)?,
                kept,
                commit,
            });
        }
        Ok(ExecutionLog {
            id: record.id.clone(),
            base: record.base_commit.clone(),
            checkpoints,
            left,
        })
    }

    /// Compares one checkpoint with what was before it.
    pub fn diff_of_checkpoint(
        &self,
        id: &ExecutionId,
        checkpoint: &str,
        limit: usize,
    ) -> Result<ExecutionDiff, ExecutionError> {
        let record = self.record(id)?;
        let (_, commit) = self.find_checkpoint(&record, checkpoint)?;
        let commit = self.repo.commit(&commit)?;
        let before = match commit.parents.first() {
            Some(parent) if commit.id != record.base_commit => self.repo.commit(parent)?.tree,
            _ => commit.tree,
        };
        self.compare(before, commit.tree, limit)
    }

    /// Finds a checkpoint by its number, or by the beginning of its commit's id, also among those that rewinding left.
    pub(super) fn find_checkpoint(
        &self,
        record: &ExecutionRecord,
        name: &str,
    ) -> Result<(Option<usize>, CommitId), ExecutionError> {
        let log = self.log_of(record)?;
        let last = log.checkpoints.len();
        let mut known: Vec<(Option<usize>, CommitId)> = vec![(Some(0), log.base)];
        known.extend(
            log.checkpoints
                .into_iter()
                .map(|checkpoint| (Some(checkpoint.number), checkpoint.commit)),
        );
        if let Ok(number) = name.parse::<usize>()
            && let Some(found) = known.get(number)
        {
            return Ok(found.clone());
        }
        for left in log.left {
            let commits = self.repo.commits_after(&record.base_commit, &left.commit)?;
            known.extend(commits.into_iter().map(|commit| (None, commit.id)));
        }
        let is_id = name.len() >= SHORTEST_ID;
        let mut found = known
            .into_iter()
            .filter(|(_, commit)| is_id && commit.as_str().starts_with(name));
        match (found.next(), found.next()) {
            // What two refs keep is one commit all the same.
            (Some(one), other) if other.as_ref().is_none_or(|other| other.1 == one.1) => Ok(one),
            _ => Err(ExecutionError::NoCheckpoint {
                id: record.id.clone(),
                to: name.to_owned(),
                last,
            }),
        }
    }

    /// Lists the refs that keep what rewinding left.
    pub(super) fn left_refs(
        &self,
        id: &ExecutionId,
    ) -> Result<Vec<(String, CommitId)>, ExecutionError> {
        let refs = self
            .repo
            .list_refs(&RefName::execution(id, "rewound/*").to_string())?;
        Ok(refs
            .into_iter()
            .map(|(name, commit)| (name, commit.to_commit()))
            .collect())
    }
}

fn checkpoint(number: usize, commit: CommitInfo, changed: usize) -> CheckpointInfo {
    let trailer = |key: &str| trailer(&commit.message, key);
    CheckpointInfo {
        number,
        tool: trailer("Paracle-Tool"),
        plugin: trailer("Paracle-Plugin"),
        call: trailer("Paracle-Call"),
        time: Timestamp::try_from(commit.time)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_string(),
        subject: commit.message.lines().next().unwrap_or_default().to_owned(),
        changed,
        commit: commit.id,
    }
}

/// Reads a trailer: a line of the message's last paragraph.
pub(super) fn trailer(message: &str, key: &str) -> Option<String> {
    let last = message.trim_end().rsplit("\n\n").next()?;
    last.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}
