//! An execution's state behind a ref: the text of a tag on its base, so that one ref holds both from the start.

use jiff::Timestamp;

use super::{ExecutionError, Executions};
use crate::git::{Batch, Moved, ObjectId, RefMove, RefName};
use crate::model::{ExecutionId, ExecutionRecord, ExecutionStatus};

/// The version of the stored form that this host writes and reads.
pub(super) const SCHEMA: u32 = 1;

/// How often a state that others change too is tried again.
const TRIES: usize = 50;

impl Executions {
    /// Reads an execution's state, with the object that holds it.
    pub(super) fn read_record(
        &self,
        id: &ExecutionId,
    ) -> Result<Option<(ObjectId, ExecutionRecord)>, ExecutionError> {
        let damaged = |error: ExecutionError| ExecutionError::Damaged {
            id: id.clone(),
            reason: error.to_string(),
        };
        match self.repo.read_ref(&RefName::execution(id, "state")) {
            Ok(None) => Ok(None),
            Ok(Some(note)) => {
                let record = self.parse_record(id.as_str(), note).map_err(damaged)?;
                Ok(Some((note, record)))
            }
            Err(error) => Err(damaged(error.into())),
        }
    }

    pub(super) fn record(&self, id: &ExecutionId) -> Result<ExecutionRecord, ExecutionError> {
        match self.read_record(id)? {
            Some((_, record)) => Ok(record),
            None => Err(ExecutionError::Unknown { id: id.to_string() }),
        }
    }

    pub(super) fn parse_record(
        &self,
        id: &str,
        note: ObjectId,
    ) -> Result<ExecutionRecord, ExecutionError> {
        let bad = |reason: String| ExecutionError::BadRecord {
            id: id.to_owned(),
            reason,
        };
        let bytes = self.repo.note(note)?;
        let record: ExecutionRecord =
            serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if record.schema != SCHEMA {
            return Err(bad(format!(
                "its form has version {}, and this host reads version {SCHEMA}",
                record.schema
            )));
        }
        if record.id.as_str() != id {
            return Err(bad(format!("it is that of {}", record.id)));
        }
        Ok(record)
    }

    /// Adds a state to a batch, and returns the move that makes it the execution's, where an old one was, or none.
    pub(super) fn add_record(
        &self,
        batch: &mut Batch,
        old: Option<ObjectId>,
        record: &ExecutionRecord,
    ) -> Result<RefMove, ExecutionError> {
        let text =
            serde_json::to_string_pretty(record).map_err(|error| ExecutionError::BadRecord {
                id: record.id.to_string(),
                reason: error.to_string(),
            })?;
        let name = format!("execution-{}", record.id);
        Ok(RefMove {
            name: RefName::execution(&record.id, "state"),
            old,
            new: batch.note(&record.base_commit, &name, &text, (self.clock)())?,
        })
    }

    /// Stores a state where an old one was, or none.
    pub(super) fn write_record(
        &self,
        old: Option<ObjectId>,
        record: &ExecutionRecord,
    ) -> Result<Moved, ExecutionError> {
        let mut batch = Batch::default();
        let state = self.add_record(&mut batch, old, record)?;
        Ok(self.repo.store_and_move(&batch, &[state])?)
    }

    /// Changes a stored state.
    pub(super) fn update_record(
        &self,
        id: &ExecutionId,
        change: impl Fn(&mut ExecutionRecord),
    ) -> Result<ExecutionRecord, ExecutionError> {
        for _ in 0..TRIES {
            let Some((old, mut record)) = self.read_record(id)? else {
                return Err(ExecutionError::Unknown { id: id.to_string() });
            };
            change(&mut record);
            if self.write_record(Some(old), &record)? == Moved::Yes {
                return Ok(record);
            }
        }
        Err(ExecutionError::Running { id: id.clone() })
    }

    /// Notes that an execution came to its end.
    pub(super) fn settle(
        &self,
        id: &ExecutionId,
        status: ExecutionStatus,
    ) -> Result<ExecutionRecord, ExecutionError> {
        let now = self.now().to_string();
        self.update_record(id, |record| {
            record.status = status;
            record.finished_at = Some(now.clone());
        })
    }

    /// Returns the time, to the second.
    pub(super) fn now(&self) -> Timestamp {
        let now = Timestamp::try_from((self.clock)()).unwrap_or(Timestamp::UNIX_EPOCH);
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}
