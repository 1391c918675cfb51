//! What a merge of several repositories is about to do, kept in each of them from before the first target moves until all have:
//! whoever finds it goes on, or goes back.

use serde::{Deserialize, Serialize};

use super::members::Part;
use super::merge::Move;
use super::{ExecutionError, Executions};
use crate::git::{Batch, Moved, RefMove, RefName};
use crate::model::{BranchName, CommitId, ExecutionId, ExecutionRecord, MemberName, Members};

/// The version of the stored form.
const SCHEMA: u32 = 1;

/// The ref's own name.
const LEAF: &str = "intent";

/// How often a ref that others touch is tried again.
const TRIES: usize = 50;

/// All moves of one merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    schema: u32,
    id: ExecutionId,
    moves: Vec<Intended>,
}

/// What is to move in one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intended {
    pub(super) name: MemberName,
    pub(super) target: BranchName,
    pub(super) old: CommitId,
    pub(super) new: CommitId,
}

impl Intended {
    pub(super) fn to_move(&self) -> Move {
        Move {
            old: self.old.clone(),
            new: self.new.clone(),
        }
    }
}

impl Intent {
    pub(super) fn new(id: &ExecutionId, moves: Vec<Intended>) -> Self {
        Self {
            schema: SCHEMA,
            id: id.clone(),
            moves,
        }
    }
}

impl Executions {
    /// Stores an intent in the place of an older one, with the commit that is to land here.
    pub(super) fn store_intent(
        &self,
        intent: &Intent,
        here: &CommitId,
    ) -> Result<(), ExecutionError> {
        let text =
            serde_json::to_string_pretty(intent).map_err(|error| ExecutionError::BadRecord {
                id: intent.id.to_string(),
                reason: error.to_string(),
            })?;
        let name = format!("intent-{}", intent.id);
        let mut objects = Batch::default();
        let new = objects.note(here, &name, &text, (self.clock)())?;
        let name = RefName::execution(&intent.id, LEAF);
        for _ in 0..TRIES {
            let old = self.repo.read_ref(&name)?;
            let name = name.clone();
            let moved = self
                .repo
                .store_and_move(&objects, &[RefMove { name, old, new }])?;
            if moved == Moved::Yes {
                return Ok(());
            }
        }
        Err(ExecutionError::Running {
            id: intent.id.clone(),
        })
    }

    /// Lets go of an intent; the caller holds the lock.
    pub(super) fn forget_intent(&self, id: &ExecutionId) -> Result<(), ExecutionError> {
        let name = RefName::execution(id, LEAF);
        for _ in 0..TRIES {
            let old = self.repo.read_ref(&name)?;
            if old.is_none() || self.repo.move_ref(&name, old, None)? == Moved::Yes {
                return Ok(());
            }
        }
        Err(ExecutionError::Running { id: id.clone() })
    }

    /// Reads what a merge intended to do here. What it intended elsewhere is said there.
    pub(super) fn intended(
        &self,
        id: &ExecutionId,
        name: &MemberName,
    ) -> Result<Option<Intended>, ExecutionError> {
        let Some(note) = self.repo.read_ref(&RefName::execution(id, LEAF))? else {
            return Ok(None);
        };
        let bad = |reason: String| ExecutionError::BadRecord {
            id: id.to_string(),
            reason,
        };
        let intent: Intent = serde_json::from_slice(&self.repo.note(note)?)
            .map_err(|error| bad(error.to_string()))?;
        if intent.schema != SCHEMA || intent.id != *id {
            return Err(bad(format!(
                "its merge is noted in a form of version {}, and this host reads version {SCHEMA}",
                intent.schema
            )));
        }
        Ok(intent.moves.into_iter().find(|one| one.name == *name))
    }

    /// Tells whether a target has what was intended for it.
    pub(super) fn has_moved(&self, intended: &Intended) -> Result<bool, ExecutionError> {
        let target = RefName::branch(&intended.target);
        match self.repo.read_commit_ref(&target)? {
            Some(now) => Ok(self.repo.is_ancestor(&intended.new, &now)?),
            None => Ok(false),
        }
    }

    /// Says how far a merge of several repositories came that was begun and not ended; none if there is none, or it moved nothing.
    pub(super) fn half_merged(
        &self,
        record: &ExecutionRecord,
    ) -> Result<Option<String>, ExecutionError> {
        let own = RefName::execution(&record.id, LEAF);
        if record.unchanged {
            // Nothing moves here; what is not to be reached says nothing of that.
            let parts = self.everywhere(&record.id);
            return parts.map_or(Ok(None), |parts| half_merged(&record.id, &parts));
        }
        if record.members.is_empty() || self.repo.read_ref(&own)?.is_none() {
            return Ok(None);
        }
        half_merged(&record.id, &self.everywhere(&record.id)?)
    }
}

/// The same, where the repositories are known.
pub(super) fn half_merged(
    id: &ExecutionId,
    parts: &Members<Part>,
) -> Result<Option<String>, ExecutionError> {
    let (mut has, mut lacks) = (Vec::new(), Vec::new());
    for (name, part) in parts.iter() {
        let Some(name) = name else {
            return Ok(None);
        };
        let Some(intended) = part.executions.intended(id, name)? else {
            continue;
        };
        let words = format!("{} of {name}", intended.target);
        if part.executions.has_moved(&intended)? {
            has.push(format!("{words} has it as {}", intended.new));
        } else {
            lacks.push(format!("{words} does not"));
        }
    }
    if has.is_empty() {
        return Ok(None);
    }
    if lacks.is_empty() {
        return Ok(Some(format!(
            "every target has it, which is not noted yet: `paracle-host git merge {id}` notes it"
        )));
    }
    has.append(&mut lacks);
    Ok(Some(format!(
        "{}: `paracle-host git merge {id}` goes on with it, or takes it back",
        has.join(", ")
    )))
}

impl Members<Part> {
    /// Refuses to go on where a merge stopped between the repositories; what one left that moved nothing is forgotten. The caller
    /// holds the locks.
    pub(super) fn check_whole(&self, id: &ExecutionId) -> Result<(), ExecutionError> {
        if let Some(told) = half_merged(id, self)? {
            return Err(ExecutionError::HalfMerged {
                id: id.clone(),
                told,
            });
        }
        for (_, part) in self.iter() {
            part.executions.forget_intent(id)?;
        }
        Ok(())
    }
}
