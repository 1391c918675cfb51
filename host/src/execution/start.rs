//! Starting and resuming.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::lock::Lock;
use super::record::SCHEMA;
use super::{ExecutionError, NewCheckpoint};
use crate::git::{Batch, Moved, RefMove, RefName, Repo};
use crate::model::{
    BranchName, CommitId, ExecutionId, ExecutionRecord, ExecutionStatus, Member, PlanRecord,
};
use crate::workspace::Clock;

/// How many branch names are tried, a second apart, before a start gives up.
const NAMES: i64 = 60;

/// The executions of a repository; cheap to clone.
#[derive(Clone)]
pub struct Executions {
    pub(super) repo: Repo,
    pub(super) clock: Clock,
    /// All repositories that what begins here works in; none where it is this one alone.
    pub(super) members: Arc<[Member]>,
}

/// What an execution starts from: resolved, and nothing opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The commit.
    pub commit: CommitId,
    /// The branch to merge to; none if HEAD is detached, or a tag, a commit or another execution was named.
    pub branch: Option<BranchName>,
    /// Whether it is HEAD, which was detached.
    pub detached: bool,
    /// The workflow's execution, where it is the beginning of a step of one.
    pub step_of: Option<ExecutionId>,
}

/// What an execution begins with.
#[derive(Clone, Copy)]
pub(super) enum Beginning<'a> {
    /// Its state alone: in this one of several repositories, nothing is changed yet.
    State,
    /// A branch at its base.
    Branch,
    /// The same, for a workflow.
    Plan(&'a PlanRecord),
    /// A branch with a first commit.
    Commit(&'a NewCheckpoint<'a>),
}

/// An execution that this process has open, until it is completed or dropped; dropped, it is listed as interrupted.
#[derive(Debug)]
pub struct Execution {
    pub(super) executions: Executions,
    pub(super) record: ExecutionRecord,
    pub(super) lock: Lock,
    /// One checkpoint of a process moves the branch at a time: a loser would only have to merge again.
    pub(super) turn: Mutex<()>,
}

impl std::fmt::Debug for Executions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Executions").field(&self.repo).finish()
    }
}

impl Executions {
    /// Looks after the executions of a repository.
    pub fn new(repo: Repo) -> Self {
        Self::with_clock(repo, Arc::new(SystemTime::now))
    }

    /// Looks after the executions of a repository, by a given clock.
    pub fn with_clock(repo: Repo, clock: Clock) -> Self {
        Self {
            repo,
            clock,
            members: Arc::new([]),
        }
    }

    /// Has executions begin in several repositories, of which this is one.
    #[must_use]
    pub fn among(self, members: &[Member]) -> Self {
        Self {
            members: members.into(),
            ..self
        }
    }

    /// Returns the repository.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Resolves what an execution would start from: a branch, tag or commit, or else HEAD; opens nothing.
    pub fn base(&self, from: Option<&str>) -> Result<Base, ExecutionError> {
        let (commit, branch) = match from {
            None | Some("HEAD") => self.repo.head()?,
            Some(name) => {
                let commit = self.repo.resolve(name)?;
                let branch = name.strip_prefix("refs/heads/").unwrap_or(name).parse();
                // A tag or a commit is no place to merge to, also where a branch has the tag's name.
                let branch = match branch {
                    Ok(branch)
                        if self
                            .repo
                            .read_commit_ref(&RefName::branch(&branch))?
                            .as_ref()
                            == Some(&commit) =>
                    {
                        Some(branch)
                    }
                    _ => None,
                };
                (commit, branch)
            }
        };
        Ok(Base {
            detached: branch.is_none() && matches!(from, None | Some("HEAD")),
            commit,
            // Nor is the branch of another execution, which only its own calls move.
            branch: branch.filter(|branch| parse_branch(branch).is_none()),
            step_of: None,
        })
    }

    /// Starts an execution: its lock, its record, which pins its base, its branch, in this order, so that whatever
    /// a crash leaves is listed and can be resumed or discarded.
    ///
    /// An id that is taken is an error; it is free again once its execution is merged and its branch is gone, or it was cleaned up.
    pub fn start(&self, id: &ExecutionId, base: &Base) -> Result<Execution, ExecutionError> {
        Ok(self.start_on(id, base, None, Beginning::Branch)?.0)
    }

    /// Starts an execution with the first commit of its branch: one write for all of it.
    pub fn start_with(
        &self,
        id: &ExecutionId,
        base: &Base,
        first: &NewCheckpoint<'_>,
    ) -> Result<(Execution, CommitId), ExecutionError> {
        self.start_on(id, base, None, Beginning::Commit(first))
    }

    /// Starts an execution whose base may add the person's uncommitted work to a commit of theirs.
    pub(super) fn start_on(
        &self,
        id: &ExecutionId,
        base: &Base,
        uncommitted_on: Option<&CommitId>,
        beginning: Beginning<'_>,
    ) -> Result<(Execution, CommitId), ExecutionError> {
        let lock = Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let old = self.read_record(id)?;
        if let Some((_, record)) = &old {
            let free = record.status == ExecutionStatus::Merged
                && self
                    .repo
                    .read_ref(&RefName::branch(&record.branch))?
                    .is_none()
                && self.conflict_refs(id)?.is_empty()
                && self.left_refs(id)?.is_empty();
            if !free {
                return Err(ExecutionError::Exists {
                    id: id.clone(),
                    status: record.status,
                });
            }
        }
        let uncommitted_on = match uncommitted_on {
            None if base.branch.is_none() => self.uncommitted_under(&base.commit)?,
            on => on.cloned(),
        };
        let created_at = self.now();
        let record = ExecutionRecord {
            schema: SCHEMA,
            id: id.clone(),
            base_branch: base.branch.clone(),
            base_commit: base.commit.clone(),
            branch: self.free_branch(id, created_at)?,
            created_at: created_at.to_string(),
            finished_at: None,
            status: ExecutionStatus::Active,
            merge_commit: None,
            merged_to: None,
            uncommitted_on,
            merged_tip: None,
            members: self.members.to_vec(),
            unchanged: matches!(beginning, Beginning::State),
            ready_tip: None,
            detached: base.detached,
            plan: match beginning {
                Beginning::Plan(plan) => Some(plan.clone()),
                Beginning::State | Beginning::Branch | Beginning::Commit(_) => None,
            },
            step_of: base.step_of.clone(),
        };
        let mut objects = Batch::default();
        let tip = match beginning {
            Beginning::State | Beginning::Branch | Beginning::Plan(_) => base.commit.clone(),
            Beginning::Commit(first) => {
                objects = first.objects.clone();
                first.commit_on(&self.repo, &mut objects, &base.commit)?
            }
        };
        if !record.members.is_empty() {
            self.say(id, !record.unchanged)?;
        }
        let state = self.add_record(&mut objects, old.map(|(blob, _)| blob), &record)?;
        // The state first: whoever sees the branch sees whose it is.
        let mut moves = vec![state];
        if !record.unchanged {
            let branch = RefName::branch(&record.branch);
            moves.push(RefMove::to_commit(branch, None, &tip));
        }
        if self.repo.store_and_move(&objects, &moves)? == Moved::Elsewhere {
            return Err(ExecutionError::Exists {
                id: id.clone(),
                status: ExecutionStatus::Active,
            });
        }
        let execution = Execution {
            executions: self.clone(),
            record,
            lock,
            turn: Mutex::new(()),
        };
        Ok((execution, tip))
    }

    /// Locks an execution that is neither settled nor open in a process, and reads its state.
    pub(super) fn take(&self, id: &ExecutionId) -> Result<(Lock, ExecutionRecord), ExecutionError> {
        self.record(id)?;
        let lock = Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let record = self.record(id)?;
        if !record.members.is_empty() {
            if record.members == self.members.to_vec() {
                // A person names them again.
                self.say(id, !record.unchanged)?;
            }
            self.everywhere(id)?.check_whole(id)?;
        }
        match record.status {
            ExecutionStatus::Active | ExecutionStatus::Kept => Ok((lock, record)),
            status @ (ExecutionStatus::Merged | ExecutionStatus::Discarded) => {
                Err(ExecutionError::Settled {
                    id: id.clone(),
                    status,
                })
            }
        }
    }

    /// Opens an execution whose process was interrupted, or that was kept.
    pub fn resume(&self, id: &ExecutionId) -> Result<Execution, ExecutionError> {
        let mut execution = self.reopen(id)?;
        execution.record = self.hold(execution.record)?;
        Ok(execution)
    }

    /// Opens it as it is, also where it has no branch.
    pub(super) fn reopen(&self, id: &ExecutionId) -> Result<Execution, ExecutionError> {
        let (lock, _) = self.take(id)?;
        let record = self.update_record(id, |record| {
            record.status = ExecutionStatus::Active;
            record.finished_at = None;
        })?;
        Ok(Execution {
            executions: self.clone(),
            record,
            lock,
            turn: Mutex::new(()),
        })
    }

    fn free_branch(&self, id: &ExecutionId, at: Timestamp) -> Result<BranchName, ExecutionError> {
        for seconds in 0..NAMES {
            let time = at
                .saturating_add(SignedDuration::from_secs(seconds))
                .unwrap_or(at);
            let branch = branch_name(id, time)?;
            if self.repo.read_ref(&RefName::branch(&branch))?.is_none() {
                return Ok(branch);
            }
        }
        Err(ExecutionError::Exists {
            id: id.clone(),
            status: ExecutionStatus::Kept,
        })
    }
}

impl Execution {
    /// Returns its id.
    pub fn id(&self) -> &ExecutionId {
        &self.record.id
    }

    /// Returns its state as of its start.
    pub fn record(&self) -> &ExecutionRecord {
        &self.record
    }

    /// Returns its newest commit: what its next call starts from.
    pub fn tip(&self) -> Result<CommitId, ExecutionError> {
        self.executions.tip_of(&self.record)
    }
}

/// Names an execution's branch.
fn branch_name(id: &ExecutionId, at: Timestamp) -> Result<BranchName, ExecutionError> {
    let time = at
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%d_%H%M%S")
        .to_string();
    format!("exec/{id}/{time}")
        .parse()
        .map_err(
            |error: crate::model::InvalidName| ExecutionError::BadRecord {
                id: id.to_string(),
                reason: error.to_string(),
            },
        )
}

/// Reads the execution's id and start from its branch's name.
pub(super) fn parse_branch(branch: &BranchName) -> Option<(ExecutionId, Timestamp)> {
    let (id, time) = branch.as_str().strip_prefix("exec/")?.split_once('/')?;
    let time = jiff::civil::DateTime::strptime("%Y%m%d_%H%M%S", time).ok()?;
    Some((
        id.parse().ok()?,
        time.to_zoned(TimeZone::UTC).ok()?.timestamp(),
    ))
}

/// Returns how long ago a stored time was; one that cannot be read is no time ago.
pub(super) fn age(now: Timestamp, then: &str) -> Duration {
    then.parse::<Timestamp>()
        .ok()
        .and_then(|then| Duration::try_from(now.duration_since(then)).ok())
        .unwrap_or_default()
}
