//! One subject: whoever a token proves, or everybody on this machine where none is asked for. What it has open is its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::sync::Semaphore;

use super::rate::Bucket;
use crate::flow::Host;
use crate::mcp::caller::Caller;
use crate::mcp::handler::Handler;
use crate::model::{ExecutionId, Rate};

/// Requests of one subject that may be open at once.
const OPEN: usize = 128;

/// Callers of one subject: itself, and its sessions. Beyond, the sessions share what is the subject's.
const CALLERS: usize = 64;

/// A caller, and when it was last heard of.
struct Known {
    caller: Arc<Caller>,
    last: Instant,
}

/// One subject.
pub(super) struct Subject {
    host: Arc<Host>,
    /// Its name; none where nobody has to prove who they are.
    name: Option<String>,
    /// What answers its requests, with its own sessions.
    pub(super) service: StreamableHttpService<Handler, LocalSessionManager>,
    sessions: Arc<LocalSessionManager>,
    /// Its callers: itself, and each of its sessions.
    callers: Mutex<HashMap<Option<String>, Known>>,
    /// How often it may still call.
    pub(super) bucket: Bucket,
    /// What it has open.
    pub(super) open: Arc<Semaphore>,
}

impl Subject {
    /// Makes a subject that nobody has called for yet.
    pub(super) fn new(
        host: Arc<Host>,
        name: Option<String>,
        handler: Handler,
        config: StreamableHttpServerConfig,
        rate: Rate,
    ) -> Self {
        let sessions = Arc::new(LocalSessionManager::default());
        let service =
            StreamableHttpService::new(move || Ok(handler.clone()), sessions.clone(), config);
        Self {
            host,
            name,
            service,
            sessions,
            callers: Mutex::default(),
            bucket: Bucket::new(rate),
            open: Arc::new(Semaphore::new(OPEN)),
        }
    }

    /// Returns the caller of a request, which keeps its execution open while it is held.
    pub(super) async fn caller(&self, session: Option<&str>) -> Arc<Caller> {
        let known = match session {
            // Nobody makes up a session: one that is not there is refused, and leaves nothing behind.
            Some(id) => self.sessions.sessions.read().await.contains_key(id),
            None => false,
        };
        let mut callers = self.lock();
        let key = session
            .filter(|_| known)
            .map(str::to_owned)
            .filter(|id| callers.len() < CALLERS || callers.contains_key(&Some(id.clone())));
        let entry = callers.entry(key).or_insert_with_key(|session| Known {
            caller: Caller::over_http(
                self.host.clone(),
                format!(
                    "http\u{1f}{}\u{1f}{}",
                    self.name.as_deref().unwrap_or_default(),
                    session.as_deref().unwrap_or_default()
                ),
                ExecutionId::generate(),
                self.name.clone(),
            ),
            last: Instant::now(),
        });
        entry.last = Instant::now();
        entry.caller.clone()
    }

    /// Takes away the callers that are done: without a call for long, or with their session ended. Nothing of them runs.
    pub(super) async fn retire(&self, idle: Duration) -> Vec<Arc<Caller>> {
        let sessions = self.sessions.sessions.read().await;
        let mut callers = self.lock();
        let done = callers.extract_if(|session, known| {
            let over = known.last.elapsed() >= idle
                || session
                    .as_deref()
                    .is_some_and(|id| !sessions.contains_key(id));
            // What runs, waits or is told holds it.
            over && Arc::strong_count(&known.caller) == 1
        });
        done.map(|(_, known)| known.caller).collect()
    }

    /// Takes away all callers, whatever of them runs.
    pub(super) fn all(&self) -> Vec<Arc<Caller>> {
        self.lock().drain().map(|(_, known)| known.caller).collect()
    }

    /// Returns how many callers it has.
    pub(super) fn callers(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<String>, Known>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
