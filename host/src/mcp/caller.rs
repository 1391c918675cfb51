//! Whoever calls: what they have open with this host, across their requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::asking::Questions;
use super::kept::Kept;
use super::resources::Listed;
use super::talk::Loudness;
use crate::flow::Host;
use crate::model::ExecutionId;

/// Calls of one caller that are in flight; more wait, and can still be cancelled.
const CALLS: u32 = 128;

/// Executions of one caller that are remembered as theirs.
const EXECUTIONS: usize = 64;

/// One caller: a connection over standard input and output, or whoever a request over HTTP was made by.
pub(super) struct Caller {
    /// The host.
    pub(super) host: Arc<Host>,
    /// Who it is, for what must be theirs alone.
    pub(super) name: String,
    /// Where what they change went; now it goes to the last.
    executions: Mutex<Vec<ExecutionId>>,
    /// What they were asked to grant.
    pub(super) questions: Questions,
    /// From which level on they hear plugins' logs.
    pub(super) loudness: Loudness,
    /// Results that they were shown a part of.
    pub(super) kept: Kept,
    /// The resources that they were shown.
    pub(super) listed: Listed,
    calls: Semaphore,
}

impl Caller {
    /// Makes a caller whose changes go to an execution.
    pub(super) fn new(host: Arc<Host>, name: String, execution: ExecutionId) -> Arc<Self> {
        Arc::new(Self {
            host,
            name,
            executions: Mutex::new(vec![execution]),
            kept: Kept::default(),
            listed: Listed::default(),
            questions: Questions::default(),
            loudness: Loudness::default(),
            calls: Semaphore::new(CALLS as usize),
        })
    }

    /// Returns where what they change goes now.
    pub(super) fn execution(&self) -> ExecutionId {
        let executions = self.lock();
        // There is always one.
        executions
            .last()
            .cloned()
            .unwrap_or_else(ExecutionId::generate)
    }

    /// Returns all executions that are theirs, the newest last.
    pub(super) fn executions(&self) -> Vec<ExecutionId> {
        self.lock().clone()
    }

    /// Begins another execution, because one ended: discarded or merged, it takes no more changes.
    pub(super) fn begin_another(&self, ended: &ExecutionId) {
        let mut executions = self.lock();
        if executions.last() == Some(ended) {
            if executions.len() >= EXECUTIONS {
                executions.remove(0);
            }
            executions.push(ExecutionId::generate());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ExecutionId>> {
        self.executions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; none where the caller is gone.
    pub(super) async fn turn(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.calls.acquire().await.ok()
    }

    /// Waits until no call is in flight, at the most for a time; tells whether that is so.
    pub(super) async fn idle(&self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.calls.acquire_many(CALLS))
            .await
            .is_ok()
    }
}
