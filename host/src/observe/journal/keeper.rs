//! Keeps records away from the calls: who tells one neither waits for a disk nor fails with it.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::append::Journal;
use crate::model::{AuditRecord, Audited, Origin, UserKey};

/// Finds the folder of the journal; none where there is no repository.
pub type Locate = Box<dyn Fn() -> Option<PathBuf> + Send>;

/// Records that wait for the disk; more are lost, and counted. Some 30 MB.
const MOST_WAITING: usize = 50_000;

/// How long records gather: a shorter time is more syncs of the disk, a longer one more records that a crash takes.
const PAUSE: Duration = Duration::from_millis(20);

/// Rounds without a record after which the writer sleeps until it is woken. To be woken costs the caller some microseconds,
/// so it stays awake while calls follow each other.
const IDLE_ROUNDS: u32 = 50;

/// How long a disk that takes nothing is left alone.
const RETRY: Duration = Duration::from_secs(1);

/// Takes records and has a thread of its own write them; the thread ends with it, after the last of them.
pub struct Keeper(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<AuditRecord>,
    lost: u64,
    /// How many records were told in all; how many of them are done with; and how many were told when a write last failed.
    told: u64,
    done: u64,
    failed: u64,
    thread: Option<Thread>,
    start: Option<Writer>,
    asleep: bool,
    hurry: bool,
    closed: bool,
}

/// What the thread begins with.
struct Writer {
    locate: Locate,
    key: Option<UserKey>,
    segment: Option<u64>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Keeper {
    /// Prepares to keep records in the journal that `locate` finds, in segments of a length in bytes. A thread is started for
    /// the first of them.
    pub fn new(locate: Locate, key: Option<UserKey>, segment: Option<u64>) -> Self {
        let state = State {
            start: Some(Writer {
                locate,
                key,
                segment,
            }),
            ..State::default()
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            written: Condvar::new(),
        }))
    }

    /// Takes a record.
    pub(in crate::observe) fn tell(&self, record: AuditRecord) {
        let mut state = self.0.lock();
        state.told += 1;
        if state.waiting.len() < MOST_WAITING {
            state.waiting.push(record);
        } else {
            state.lost += 1;
        }
        if let Some(writer) = state.start.take() {
            start(&self.0, &mut state, writer);
        } else if std::mem::take(&mut state.asleep) {
            wake(state);
        }
    }

    /// Waits until all that was told so far is on the disk, or was found not to go there; false where patience ended first.
    pub(in crate::observe) fn settle(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.0.lock();
        let told = state.told;
        if state.done < told {
            state.hurry = true;
            state.asleep = false;
            if let Some(thread) = &state.thread {
                thread.unpark();
            }
        }
        while state.done < told && state.failed < told {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let (again, _) = self
                .0
                .written
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
            state = again;
        }
        state.done >= told || state.failed >= told
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        wake(state);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(state: MutexGuard<'_, State>) {
    let thread = state.thread.clone();
    drop(state);
    if let Some(thread) = thread {
        thread.unpark();
    }
}

fn start(shared: &Arc<Shared>, state: &mut State, writer: Writer) {
    let shared = shared.clone();
    let spawned = thread::Builder::new()
        .name("audit".to_owned())
        .spawn(move || run(&shared, &writer));
    match spawned {
        Ok(handle) => state.thread = Some(handle.thread().clone()),
        Err(error) => {
            tracing::warn!(%error, "the audit journal is not kept: its thread cannot be started");
        }
    }
}

/// Writes what was told, in the order it was told, until nobody can tell any more.
fn run(shared: &Shared, writer: &Writer) {
    let mut journal: Option<Journal> = None;
    let mut batch: Vec<AuditRecord> = Vec::new();
    let mut idle = 0;
    let mut warned = false;
    loop {
        let closed = {
            let mut state = shared.lock();
            if batch.is_empty() {
                // Nothing is copied while a caller may wait for the lock.
                std::mem::swap(&mut batch, &mut state.waiting);
            } else {
                batch.append(&mut state.waiting);
            }
            if state.lost > 0 {
                let records = std::mem::take(&mut state.lost);
                let lost = AuditRecord::now(Origin::default(), Audited::Lost { records });
                batch.push(lost);
            }
            idle = if batch.is_empty() { idle + 1 } else { 0 };
            state.hurry = false;
            state.asleep = idle > IDLE_ROUNDS && !state.closed;
            state.closed
        };
        if journal.is_none() && !batch.is_empty() {
            journal = (writer.locate)().map(|folder| {
                Journal::new(&folder, writer.key.as_ref()).with_segments_of(writer.segment)
            });
        }
        let written = match &journal {
            // No repository: nothing that a call does lands anywhere, and there is no journal of it.
            None => Ok(()),
            Some(_) if batch.is_empty() => Ok(()),
            Some(journal) => journal.append(&batch),
        };
        let pause = match written {
            Ok(()) => {
                batch.clear();
                shared.done();
                PAUSE
            }
            Err(error) => {
                if !std::mem::replace(&mut warned, true) {
                    tracing::warn!(
                        %error,
                        "the audit journal is not kept up; calls go on, and what is missing is tried again"
                    );
                }
                shared.failed(&mut batch);
                RETRY
            }
        };
        if closed && batch.is_empty() && shared.lock().waiting.is_empty() {
            return;
        }
        if closed && pause == RETRY {
            return;
        }
        shared.rest(pause);
    }
}

impl Shared {
    fn done(&self) {
        let mut state = self.lock();
        // What waits was told while the batch was written.
        state.done = state.told - state.waiting.len() as u64 - state.lost;
        drop(state);
        self.written.notify_all();
    }

    /// Puts a batch back in front of what waits, as far as there is room.
    fn failed(&self, batch: &mut Vec<AuditRecord>) {
        let mut state = self.lock();
        state.failed = state.told;
        let room = MOST_WAITING.saturating_sub(state.waiting.len());
        if batch.len() > room {
            state.lost += (batch.len() - room) as u64;
            batch.truncate(room);
        }
        batch.append(&mut state.waiting);
        state.waiting = std::mem::take(batch);
        drop(state);
        self.written.notify_all();
    }

    /// Waits for the next round, or to be woken.
    fn rest(&self, pause: Duration) {
        let (asleep, hurry) = {
            let state = self.lock();
            (state.asleep, state.hurry || state.closed)
        };
        if asleep {
            thread::park();
        } else if !hurry {
            thread::park_timeout(pause);
        }
    }
}
