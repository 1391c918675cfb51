//! Whoever calls: what they have open with this host, across their requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::asking::Questions;
use super::http::Metrics;
use super::kept::Kept;
use super::listen::LISTENERS;
use super::resources::Listed;
use super::talk::Loudness;
use crate::flow::Host;
use crate::model::{ExecutionId, Grant, PluginName, Verb};

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
    /// Who it was proven to be.
    pub(super) subject: Option<String>,
    /// The most that their calls may have, where their scopes say it.
    pub(super) ceiling: Option<Grant>,
    /// Where their calls are counted.
    metrics: Option<Arc<Metrics>>,
    /// Whether its client's answers are those of the person who grants.
    pub(super) grants: bool,
    /// Results that they were shown a part of.
    pub(super) kept: Kept,
    /// The resources that they were shown.
    pub(super) listed: Listed,
    /// Places for requests that listen.
    pub(super) listeners: Semaphore,
    calls: Semaphore,
}

impl Caller {
    /// Makes a caller whose changes go to an execution.
    pub(super) fn new(host: Arc<Host>, name: String, execution: ExecutionId) -> Arc<Self> {
        Arc::new(Self::plain(host, name, execution))
    }

    /// Makes a caller over HTTP, who is not asked for grants: whoever comes with a token, or reaches an address of this machine,
    /// may be somebody else than the person whose grants they are.
    pub(super) fn over_http(
        host: Arc<Host>,
        name: String,
        subject: Option<String>,
        ceiling: Option<Grant>,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        Arc::new(Self {
            grants: false,
            subject,
            ceiling,
            metrics: Some(metrics),
            ..Self::plain(host, name, ExecutionId::generate())
        })
    }

    fn plain(host: Arc<Host>, name: String, execution: ExecutionId) -> Self {
        Self {
            host,
            name,
            executions: Mutex::new(vec![execution]),
            kept: Kept::default(),
            listed: Listed::default(),
            subject: None,
            ceiling: None,
            metrics: None,
            grants: true,
            questions: Questions::default(),
            loudness: Loudness::default(),
            listeners: Semaphore::new(LISTENERS),
            calls: Semaphore::new(CALLS as usize),
        }
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

    /// Notes an execution as theirs into which their next calls do not go.
    pub(super) fn adopt(&self, id: &ExecutionId) {
        let mut executions = self.lock();
        if executions.len() >= EXECUTIONS {
            executions.remove(0);
        }
        let last = executions.len().saturating_sub(1);
        executions.insert(last, id.clone());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ExecutionId>> {
        self.executions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether they may read what a plugin offers, and what is said of it.
    pub(super) fn may_read(&self, plugin: &PluginName) -> bool {
        names(self.ceiling.as_ref(), plugin)
    }

    /// Tells whether they are the person on this machine: others are not told where something is on it.
    pub(super) const fn is_here(&self) -> bool {
        self.grants
    }

    /// Counts a call that ended. Names that no plugin has are no labels: whoever calls makes them up.
    pub(super) fn count(&self, verb: &Verb, outcome: &str, took: Duration) {
        let Some(metrics) = &self.metrics else {
            return;
        };
        let registry = self.host.registry();
        let plugin = registry.get(verb.plugin());
        let what = match verb {
            Verb::Tool { path, .. } => plugin
                .filter(|plugin| plugin.tool(&path.tool).is_some())
                .map(|_| path.tool.as_str()),
            Verb::Chat { .. } | Verb::Models { .. } => Some("chat"),
            Verb::Resources { .. } => Some("resources/list"),
            Verb::Read { .. } => Some("resources/read"),
            Verb::Prompt { .. } => Some("prompts/get"),
            Verb::Complete { .. } => Some("completion/complete"),
        };
        match (plugin, what) {
            (Some(plugin), Some(what)) => {
                metrics.called(plugin.info.name.as_str(), what, outcome, took);
            }
            (None, _) | (_, None) => metrics.called("", "", outcome, took),
        }
    }

    /// Waits for a turn; none where the caller is gone.
    pub(super) async fn turn(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.calls.acquire().await.ok()
    }

    /// Tells whether no call is in flight.
    pub(super) fn is_free(&self) -> bool {
        self.calls.available_permits() == CALLS as usize
    }

    /// Has calls wait while what it returns is held; none where one is in flight.
    pub(super) fn rest(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.calls.try_acquire_many(CALLS).ok()
    }

    /// Waits until no call is in flight, at the most for a time; tells whether that is so.
    pub(super) async fn idle(&self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.calls.acquire_many(CALLS))
            .await
            .is_ok()
    }
}

/// Tells whether scopes name a plugin, where there are some.
pub(super) fn names(ceiling: Option<&Grant>, plugin: &PluginName) -> bool {
    ceiling.is_none_or(|ceiling| ceiling.tools.iter().any(|pattern| pattern.names(plugin)))
}
