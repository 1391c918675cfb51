//! Where tasks are kept: in the repository, or in memory where there is none.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::disk::Disk;
use super::record::{Outcome, Record};
use super::room::{self, There};

/// For how long a task is kept in the repository.
const TTL_MS: u64 = 24 * 60 * 60 * 1000;

/// For how long a task is kept in memory.
const SHORT_TTL_MS: u64 = 60 * 60 * 1000;

/// The largest result that is kept, in bytes of JSON.
const LARGEST: usize = 8 << 20;

/// Kept tasks.
pub(super) struct Store {
    /// This host's name.
    pub(super) host: String,
    place: Place,
    /// Whose the tasks are that were seen, and until when they are kept: neither changes.
    known: Mutex<HashMap<String, (String, Timestamp)>>,
}

enum Place {
    Disk(Disk),
    Memory(Mutex<HashMap<String, Vec<u8>>>),
}

impl Store {
    /// Opens the tasks of a folder; without one, or where it cannot be used, they are kept in memory.
    pub(super) fn open(folder: Option<PathBuf>, host: String) -> Self {
        let disk = folder.and_then(|folder| {
            Disk::open(folder, &host)
                .inspect_err(|error| tracing::warn!(%error, "tasks are kept in memory only"))
                .ok()
        });
        Self {
            host,
            known: Mutex::default(),
            place: disk.map_or_else(|| Place::Memory(Mutex::default()), Place::Disk),
        }
    }

    /// Returns for how long a task is kept from now on.
    pub(super) const fn ttl_ms(&self) -> u64 {
        match self.place {
            Place::Disk(_) => TTL_MS,
            Place::Memory(_) => SHORT_TTL_MS,
        }
    }

    /// Makes room: removes what need not be kept, and tells whether there is room for another task.
    pub(super) fn make_room(&self, caller: &str) -> bool {
        let kept = self.list();
        let now = Timestamp::now();
        let mut known = lock(&self.known);
        known.retain(|id, _| kept.iter().any(|(there, _)| there == id));
        let mut there = Vec::new();
        for (id, bytes) in kept {
            if !known.contains_key(&id)
                && let Some(record) = self.read(&id)
            {
                known.insert(id.clone(), (record.caller.clone(), record.until()));
            }
            match known.get(&id) {
                Some((_, until)) if *until < now => {
                    self.remove(&id);
                    known.remove(&id);
                }
                Some((whose, until)) => there.push(There {
                    id,
                    caller: whose.clone(),
                    until: *until,
                    bytes,
                }),
                None => there.push(There {
                    id,
                    caller: String::new(),
                    until: Timestamp::MAX,
                    bytes,
                }),
            }
        }
        let has_ended = |id: &str| {
            let record = self.read(id);
            record.is_some_and(|record| record.outcome.is_some())
        };
        room::make(there, caller, has_ended, |id| {
            self.remove(id);
            known.remove(id);
        })
    }

    /// Writes a task down. What is too large to be kept fails instead.
    pub(super) fn put(&self, record: &mut Record) -> Result<(), String> {
        let mut bytes = serde_json::to_vec(record).map_err(|error| error.to_string())?;
        if bytes.len() > LARGEST {
            let message = format!(
                "the result is larger than the {LARGEST} bytes that are kept of a task; execution {} holds what it did",
                record.execution
            );
            record.end(Outcome::failed(&message));
            bytes = serde_json::to_vec(record).map_err(|error| error.to_string())?;
        }
        match &self.place {
            Place::Disk(disk) => disk
                .put(&record.id, &bytes)
                .map_err(|error| error.to_string()),
            Place::Memory(kept) => {
                lock(kept).insert(record.id.clone(), bytes);
                Ok(())
            }
        }
    }

    /// Returns a task; one whose host is gone has failed, and is written down as that.
    pub(super) fn get(&self, id: &str) -> Option<Record> {
        let mut record = self.read(id).filter(|record| record.id == id)?;
        if record.is_over() {
            self.remove(id);
            return None;
        }
        if record.outcome.is_none() && !self.lives(&record.host) {
            record.abandoned();
            if let Err(error) = self.put(&mut record) {
                tracing::warn!(error, task = id, "a task could not be written down");
            }
        }
        Some(record)
    }

    fn lives(&self, host: &str) -> bool {
        match &self.place {
            // What runs here is asked before.
            Place::Disk(disk) => host != self.host && disk.lives(host),
            Place::Memory(_) => false,
        }
    }

    fn read(&self, id: &str) -> Option<Record> {
        let bytes = match &self.place {
            Place::Disk(disk) => disk
                .get(id, LARGEST as u64)
                .inspect_err(|error| tracing::warn!(%error, "a task cannot be read"))
                .ok()??,
            Place::Memory(kept) => lock(kept).get(id)?.clone(),
        };
        serde_json::from_slice(&bytes)
            .inspect_err(|error| tracing::warn!(%error, task = id, "a task cannot be read"))
            .ok()
    }

    fn remove(&self, id: &str) {
        match &self.place {
            Place::Disk(disk) => disk.remove(id),
            Place::Memory(kept) => drop(lock(kept).remove(id)),
        }
    }

    fn list(&self) -> Vec<(String, u64)> {
        match &self.place {
            Place::Disk(disk) => disk.list().unwrap_or_default(),
            Place::Memory(kept) => lock(kept)
                .iter()
                .map(|(id, bytes)| (id.clone(), bytes.len() as u64))
                .collect(),
        }
    }
}

fn lock<T>(kept: &Mutex<HashMap<String, T>>) -> MutexGuard<'_, HashMap<String, T>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
