//! One subject: whoever was proven, or everybody on this machine where nothing is asked for. What it has open is its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use rmcp::transport::streamable_http_server::session::SessionManager as _;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::metrics::Metrics;
use super::person::Place;
use super::reply::{Reply, reworded};
use crate::flow::Host;
use crate::mcp::caller::Caller;
use crate::mcp::handler::Handler;
use crate::model::Grant;

/// Sessions of one subject. Who begins another one ends the one that was heard of least lately.
const SESSIONS: usize = 64;

/// Callers of one subject: itself, its sessions, and those that have ended and are not put away yet.
const CALLERS: usize = 4 * SESSIONS;

tokio::task_local! {
    /// Whose the request is that makes a handler of its own.
    static CALLER: Arc<Caller>;
}

/// Who somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// The name that was proven; none where nobody has to prove anything.
    pub(super) name: Option<String>,
    /// Those of their scopes that are configured, in order: with others they are somebody else.
    pub(super) scopes: Vec<String>,
}

/// What all subjects have in common.
pub(super) struct Common {
    pub(super) host: Arc<Host>,
    pub(super) handler: Handler,
    pub(super) config: StreamableHttpServerConfig,
    pub(super) metrics: Arc<Metrics>,
}

/// A caller, and when it was last heard of.
struct Known {
    caller: Arc<Caller>,
    last: Instant,
    /// Whether its execution was completed since.
    rests: bool,
}

/// One subject.
pub(super) struct Subject {
    host: Arc<Host>,
    who: Identity,
    ceiling: Option<Grant>,
    metrics: Arc<Metrics>,
    /// What answers its requests, with its own sessions.
    service: StreamableHttpService<Handler, LocalSessionManager>,
    sessions: Arc<LocalSessionManager>,
    /// Its callers: itself, and each of its sessions.
    callers: Mutex<HashMap<Option<String>, Known>>,
    /// Held while a session begins: how many there are is known for so long.
    pub(super) beginning: tokio::sync::Mutex<()>,
    /// Whose subject it is.
    pub(super) place: Place,
    since: Instant,
}

impl Subject {
    /// Makes a subject that nobody has called for yet.
    pub(super) fn new(
        common: &Common,
        place: Place,
        who: Identity,
        ceiling: Option<Grant>,
    ) -> Self {
        let sessions = Arc::new(LocalSessionManager::default());
        let handler = common.handler.clone();
        let connect = move || Ok(handler.connected(CALLER.try_with(Clone::clone).ok()));
        Self {
            host: common.host.clone(),
            who,
            ceiling,
            metrics: common.metrics.clone(),
            service: StreamableHttpService::new(connect, sessions.clone(), common.config.clone()),
            sessions,
            callers: Mutex::default(),
            beginning: tokio::sync::Mutex::default(),
            place,
            since: Instant::now(),
        }
    }

    /// Has a request answered. One of the modern era has a handler of its own, which knows its caller.
    pub(super) async fn answer(
        &self,
        caller: Arc<Caller>,
        modern: bool,
        request: http::Request<Full<Bytes>>,
    ) -> Reply {
        let method = request.headers().get("mcp-method").cloned();
        let answered = self.service.handle(request);
        if modern {
            let reply = CALLER.scope(caller, answered).await;
            let method = method.as_ref().and_then(|method| method.to_str().ok());
            reworded(reply, method.unwrap_or_default()).await
        } else {
            answered.await
        }
    }

    /// Returns the caller of a request, which keeps its execution open while it is held; none where there are too many.
    pub(super) async fn caller(&self, session: Option<&str>) -> Option<Arc<Caller>> {
        let known = match session {
            // Nobody makes up a session: one that is not there is refused, and leaves nothing behind.
            Some(id) => self.sessions.sessions.read().await.contains_key(id),
            None => false,
        };
        let mut callers = self.lock();
        let key = session.filter(|_| known).map(str::to_owned);
        if callers.len() >= CALLERS && !callers.contains_key(&key) {
            return None;
        }
        let entry = callers.entry(key).or_insert_with_key(|session| Known {
            caller: self.new_caller(session.as_deref()),
            last: Instant::now(),
            rests: false,
        });
        entry.last = Instant::now();
        entry.rests = false;
        Some(entry.caller.clone())
    }

    fn new_caller(&self, session: Option<&str>) -> Arc<Caller> {
        let Identity { name, scopes } = &self.who;
        // None of the parts has a control character in it.
        let parts = [
            "http",
            name.as_deref().unwrap_or_default(),
            &scopes.join(" "),
            session.unwrap_or_default(),
        ];
        Caller::over_http(
            self.host.clone(),
            parts.join("\u{1f}"),
            name.clone(),
            self.ceiling.clone(),
            self.metrics.clone(),
        )
    }

    /// Makes room for a session more; tells whether there is.
    pub(super) async fn room_for_session(&self) -> bool {
        let known: Vec<_> = self
            .sessions
            .sessions
            .read()
            .await
            .keys()
            .cloned()
            .collect();
        if known.len() < SESSIONS {
            return true;
        }
        let oldest = {
            let callers = self.lock();
            let last = |id: &str| match callers.get(&Some(id.to_owned())) {
                // It never asked anything.
                None => Some(None),
                Some(known) if Arc::strong_count(&known.caller) == 1 => Some(Some(known.last)),
                // Something of it runs, or it listens.
                Some(_) => None,
            };
            let quiet = known.iter().filter_map(|id| Some((last(id)?, id)));
            quiet
                .min_by_key(|(last, _)| *last)
                .map(|(_, id)| id.clone())
        };
        let Some(oldest) = oldest else {
            return false;
        };
        if let Err(error) = self.sessions.close_session(&oldest).await {
            tracing::debug!(%error, "a session did not end as it should");
        }
        true
    }

    /// Takes away the callers of sessions that have ended. Nothing of them runs.
    pub(super) async fn retire(&self) -> Vec<Arc<Caller>> {
        let sessions = self.sessions.sessions.read().await;
        let mut callers = self.lock();
        let done = callers.extract_if(|session, known| {
            let over = session
                .as_deref()
                .is_some_and(|id| !sessions.contains_key(id));
            // What runs, waits or is told holds it.
            over && Arc::strong_count(&known.caller) == 1
        });
        done.map(|(_, known)| known.caller).collect()
    }

    /// Returns those that asked nothing for long, each once: what they have stays theirs, and their execution is to be completed.
    pub(super) fn idle(&self, idle: Duration) -> Vec<Arc<Caller>> {
        let mut callers = self.lock();
        let quiet = callers
            .values_mut()
            .filter(|known| !known.rests && known.last.elapsed() >= idle && known.caller.is_free());
        let quiet = quiet.map(|known| {
            known.rests = true;
            known.caller.clone()
        });
        quiet.collect()
    }

    /// Returns those that rest, and since when: whatever is theirs is kept for nobody but them.
    pub(super) fn resting(&self) -> Vec<(Instant, Arc<Caller>)> {
        let callers = self.lock();
        let resting = callers.values().filter(|known| known.rests);
        resting
            .map(|known| (known.last, known.caller.clone()))
            .collect()
    }

    /// Returns since when nothing happens with it, where it is only kept for whoever may come back.
    pub(super) async fn quiet_since(&self) -> Option<Instant> {
        if !self.sessions.sessions.read().await.is_empty() || !self.place.bucket.is_full() {
            return None;
        }
        let callers = self.lock();
        let rests = |known: &Known| known.rests && Arc::strong_count(&known.caller) == 1;
        let last = callers.values().map(|known| known.last).max();
        callers
            .values()
            .all(rests)
            .then(|| last.unwrap_or(self.since))
    }

    /// Takes away all callers, whatever of them runs.
    pub(super) fn all(&self) -> Vec<Arc<Caller>> {
        self.lock().drain().map(|(_, known)| known.caller).collect()
    }

    /// Tells whether many callers wait to be put away.
    pub(super) fn is_crowded(&self) -> bool {
        self.lock().len() >= 2 * SESSIONS
    }

    /// Returns how many callers it has that do not rest.
    pub(super) fn callers(&self) -> usize {
        self.lock().values().filter(|known| !known.rests).count()
    }

    /// Returns how many sessions it has.
    pub(super) async fn sessions(&self) -> usize {
        self.sessions.sessions.read().await.len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<String>, Known>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
