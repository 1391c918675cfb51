//! All tasks: those that run here, and those that are kept.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rmcp::model::{InputResponses, Task};
use tokio_util::sync::CancellationToken;

use super::live::Live;
use super::record::{Outcome, Record};
use super::store::Store;
use crate::mcp::McpError;
use crate::mcp::caught::Panicked;
use crate::mcp::shares::Shares;
use crate::mcp::talk::{Running, Step};
use crate::model::ExecutionId;

/// Tasks of one caller that run at once: each holds an instance and its turn.
const MOST_OF_ONE: usize = 32;

/// Tasks that run at once.
const MOST: usize = 96;

/// How often it is looked at whether tasks have ended, where that is waited for.
const LOOK: Duration = Duration::from_millis(10);

/// The tasks of a host.
pub(in crate::mcp) struct Tasks {
    /// This host's name.
    host: String,
    /// Where the repository keeps them, if there is one.
    folder: Box<dyn Fn() -> Option<PathBuf> + Send + Sync>,
    store: OnceLock<Arc<Store>>,
    live: Mutex<HashMap<String, Live>>,
    turns: Shares,
}

/// Whose a task is to be, and of what.
pub(in crate::mcp) struct Wanted {
    pub(in crate::mcp) caller: String,
    pub(in crate::mcp) tool: String,
    pub(in crate::mcp) execution: ExecutionId,
}

impl Tasks {
    /// Makes a table whose tasks are kept in a folder, which is asked for at the first one.
    pub(in crate::mcp) fn new(
        folder: impl Fn() -> Option<PathBuf> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, McpError> {
        Ok(Arc::new(Self {
            host: random().map_err(|reason| McpError::Inside { reason })?,
            folder: Box::new(folder),
            store: OnceLock::new(),
            live: Mutex::default(),
            turns: Shares::new(MOST_OF_ONE, MOST),
        }))
    }

    /// Lets a call go on as a task, which is written down before it is returned; gives the call back where that cannot be.
    pub(in crate::mcp) async fn adopt<T: Send + 'static>(
        self: &Arc<Self>,
        running: Running<T>,
        wanted: Wanted,
        outcome: impl FnOnce(Result<T, Panicked>) -> Outcome + Send + 'static,
    ) -> Result<Task, Running<T>> {
        let (Some(turn), Ok(id)) = (self.turns.take(&wanted.caller), random()) else {
            return Err(running);
        };
        let begun = self.kept(move |store| {
            if !store.make_room(&wanted.caller) {
                tracing::warn!("there is no room for another task: its client waits");
                return None;
            }
            let now = Timestamp::now();
            let mut record = Record {
                id,
                caller: wanted.caller,
                tool: wanted.tool,
                execution: wanted.execution,
                host: store.host.clone(),
                created: now,
                updated: now,
                ttl_ms: store.ttl_ms(),
                message: None,
                asks: BTreeMap::new(),
                outcome: None,
            };
            written(store, &mut record).then_some(record)
        });
        let Some(record) = begun.await else {
            return Err(running);
        };
        // Whoever waited for the answer hears nothing more; what is told from now on is the task's message.
        running.notices.finish().await;
        let task = record.task();
        let (cancel, notices) = (running.cancel.clone(), running.notices.clone());
        let live = Live::new(record, cancel, notices, turn);
        let id = task.task_id.clone();
        self.live().insert(id.clone(), live);
        tokio::spawn(self.clone().drive(id, running, outcome));
        Ok(task)
    }

    /// Goes on with a call until it ends.
    async fn drive<T: Send + 'static>(
        self: Arc<Self>,
        id: String,
        mut running: Running<T>,
        outcome: impl FnOnce(Result<T, Panicked>) -> Outcome,
    ) {
        let request = CancellationToken::new();
        let done = loop {
            if self.change(&id, Live::give_up) {
                self.write(&id).await;
            }
            let until = self.live().get(&id).and_then(Live::until);
            let timeout = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                step = running.step(&request) => match step {
                    Step::Done(done) => break done,
                    Step::Task => {}
                    Step::Ask(asked) => if self.change(&id, |live| live.ask(asked)) {
                        self.write(&id).await;
                    },
                },
                () = timeout => {}
            }
        };
        let outcome = outcome(done);
        if self.change(&id, |live| live.end(|record| record.end(outcome))) {
            self.write(&id).await;
        }
        self.live().remove(&id);
    }

    /// Returns a caller's task.
    pub(in crate::mcp) async fn get(self: &Arc<Self>, caller: &str, id: &str) -> Option<Record> {
        if let Some(live) = self.live().get(id) {
            return (live.record.caller == caller).then(|| live.told());
        }
        // Nothing else is a file's name.
        if id.len() != ID || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let id = id.to_owned();
        let record = self.kept(move |store| store.get(&id)).await?;
        (record.caller == caller).then_some(record)
    }

    /// Takes answers to a task's questions; tells whether there is such a task.
    pub(in crate::mcp) async fn update(
        self: &Arc<Self>,
        caller: &str,
        id: &str,
        answers: &InputResponses,
    ) -> bool {
        let there = self.get(caller, id).await.is_some();
        if there && self.change(id, |live| live.answer(answers)) {
            self.write(id).await;
        }
        there
    }

    /// Cancels a task, where it runs here; tells whether there is such a task.
    pub(in crate::mcp) async fn cancel(self: &Arc<Self>, caller: &str, id: &str) -> bool {
        let there = self.get(caller, id).await.is_some();
        if there && self.change(id, Live::cancel) {
            self.write(id).await;
        }
        there
    }

    /// Waits until what runs of a caller has ended and is written down, or nobody but its client could go on with it.
    pub(in crate::mcp) async fn settled(&self, caller: &str, until: Instant) {
        let works = |live: &Live| live.record.caller == caller && !live.waits();
        while Instant::now() < until && self.live().values().any(works) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends what runs of a caller that is gone with its host.
    pub(in crate::mcp) async fn end(self: &Arc<Self>, caller: &str) {
        let ended: Vec<_> = self
            .live()
            .iter_mut()
            .filter(|(_, live)| live.record.caller == caller)
            .filter_map(|(id, live)| {
                live.cancel.cancel();
                live.end(Record::abandoned).then(|| id.clone())
            })
            .collect();
        for id in ended {
            self.write(&id).await;
        }
    }

    /// Changes a task that runs here; tells whether there is something to write down.
    fn change(&self, id: &str, change: impl FnOnce(&mut Live) -> bool) -> bool {
        self.live().get_mut(id).is_some_and(change)
    }

    /// Writes a task that runs here down as it is now.
    async fn write(self: &Arc<Self>, id: &str) {
        let Some(writing) = self.live().get(id).map(|live| live.writing.clone()) else {
            return;
        };
        let _turn = writing.lock().await;
        let record = self.live().get(id).map(|live| live.record.clone());
        if let Some(mut record) = record {
            self.kept(move |store| Some(written(store, &mut record)))
                .await;
        }
    }

    /// Does something with the store, away from what must not wait.
    async fn kept<R: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Store) -> Option<R> + Send + 'static,
    ) -> Option<R> {
        let tasks = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let store = tasks.store.get_or_init(|| {
                let folder = (tasks.folder)();
                Arc::new(Store::open(folder, tasks.host.clone()))
            });
            work(store)
        });
        done.await.ok()?
    }

    fn live(&self) -> MutexGuard<'_, HashMap<String, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a record down, and tells whether that went well.
fn written(store: &Store, record: &mut Record) -> bool {
    store
        .put(record)
        .inspect_err(|error| {
            tracing::warn!(error, task = record.id, "a task could not be written down");
        })
        .is_ok()
}

/// The length of an id: 128 bits, in hexadecimal digits.
const ID: usize = 32;

/// Returns an id that nobody guesses.
fn random() -> Result<String, String> {
    let mut bytes = [0_u8; ID / 2];
    let filled = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| error.to_string())?;
    if filled < bytes.len() {
        return Err("the system gave too few random bytes".to_owned());
    }
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
