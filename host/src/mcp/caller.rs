//! Whoever calls: what they have open with this host, across their requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::asking::Questions;
use super::talk::Loudness;
use crate::flow::Host;
use crate::model::ExecutionId;

/// Calls of one caller that are in flight; more wait, and can still be cancelled.
const CALLS: u32 = 128;

/// One caller: a connection over standard input and output, or whoever a request over HTTP was made by.
pub(super) struct Caller {
    /// The host.
    pub(super) host: Arc<Host>,
    /// Who it is, for what must be theirs alone.
    pub(super) name: String,
    /// Where what they change goes.
    pub(super) execution: ExecutionId,
    /// What they were asked to grant.
    pub(super) questions: Questions,
    /// From which level on they hear plugins' logs.
    pub(super) loudness: Loudness,
    /// Who it was proven to be.
    pub(super) subject: Option<String>,
    /// Whether its client's answers are those of the person who grants.
    pub(super) grants: bool,
    calls: Semaphore,
}

impl Caller {
    /// Makes a caller whose changes go to an execution.
    pub(super) fn new(host: Arc<Host>, name: String, execution: ExecutionId) -> Arc<Self> {
        Arc::new(Self::plain(host, name, execution))
    }

    /// Makes a caller over HTTP. Only one on this machine who did not have to prove anything is asked for grants: whoever
    /// comes with a token may be somebody else than the person whose grants they are.
    pub(super) fn over_http(
        host: Arc<Host>,
        name: String,
        execution: ExecutionId,
        subject: Option<String>,
    ) -> Arc<Self> {
        Arc::new(Self {
            grants: subject.is_none(),
            subject,
            ..Self::plain(host, name, execution)
        })
    }

    fn plain(host: Arc<Host>, name: String, execution: ExecutionId) -> Self {
        Self {
            host,
            name,
            execution,
            subject: None,
            grants: true,
            questions: Questions::default(),
            loudness: Loudness::default(),
            calls: Semaphore::new(CALLS as usize),
        }
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
