//! The gate: who calls, how often, and how many at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode, header};
use hyper::body::Incoming;

use super::door::{Door, Refused};
use super::metrics::{Flying, Metrics};
use super::person::Person;
use super::reply::{Reply, hold, later, text};
use super::strangers::Stranger;
use super::subject::{Common, Identity, Subject};
use super::{body, oauth};
use crate::mcp::caller::Caller;
use crate::mcp::serve::complete;
use crate::model::{ExecutionId, Grant, McpSettings};

/// Subjects that are known at once.
const SUBJECTS: usize = 1024;

/// What the long results of callers that rest may have together, in bytes.
const MOST_RESULTS: usize = 256 << 20;

/// The revision from which on a request has no session.
const MODERN: &str = "2026-07-28";

/// What all connections share.
pub(super) struct Gate {
    pub(super) common: Common,
    pub(super) settings: McpSettings,
    pub(super) door: Door,
    pub(super) draining: AtomicBool,
    pub(super) subjects: Mutex<HashMap<Identity, Arc<Subject>>>,
    /// By the name that was proven.
    pub(super) people: Mutex<HashMap<Option<String>, Arc<Person>>>,
}

impl Gate {
    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>, stranger: &Stranger) -> Reply {
        if let Some(why) = ambiguous(&request) {
            return text(StatusCode::BAD_REQUEST, why);
        }
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::GET, "/healthz") => return text(StatusCode::OK, "ok\n"),
            (&Method::GET, "/readyz") => return self.ready(),
            (&Method::GET, oauth::METADATA | oauth::METADATA_OF_MCP) => {
                return self.door.metadata();
            }
            (_, "/mcp") | (&Method::GET, "/metrics") => {}
            _ => return text(StatusCode::NOT_FOUND, "there is only /mcp here\n"),
        }
        let name = match self.door.who(&self.common.host, request.headers()).await {
            Ok(name) => name,
            Err(refused) => return self.refuse(&refused),
        };
        stranger.let_in();
        if path == "/metrics" {
            return self.metrics(&request).await;
        }
        if self.draining.load(Ordering::Relaxed) {
            return later(StatusCode::SERVICE_UNAVAILABLE, 5, "the server is ending\n");
        }
        self.pass(name, request).await
    }

    fn refuse(&self, refused: &Refused) -> Reply {
        Metrics::count(&self.common.metrics.unknown);
        self.door.refuse(refused)
    }

    async fn metrics(&self, request: &Request<Incoming>) -> Reply {
        if !self.is_for_us(request) {
            return text(
                StatusCode::FORBIDDEN,
                "not by this name or from this origin\n",
            );
        }
        let (mut callers, mut sessions) = (0, 0);
        for subject in self.all() {
            callers += subject.callers();
            sessions += subject.sessions().await;
        }
        let tasks = tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks();
        let told = self.common.metrics.text(callers, sessions, tasks);
        text(StatusCode::OK, told)
    }

    async fn pass(&self, who: Identity, request: Request<Incoming>) -> Reply {
        let person = self.person(&who);
        if let Err(wait) = person.bucket.take() {
            return self.busy(
                StatusCode::TOO_MANY_REQUESTS,
                wait.as_secs() + 1,
                "too often: come back later\n",
            );
        }
        let Ok(permit) = person.open.clone().try_acquire_owned() else {
            return self.busy(
                StatusCode::TOO_MANY_REQUESTS,
                1,
                "too many requests are open\n",
            );
        };
        let Some(subject) = self.subject(&person, who) else {
            return self.busy(
                StatusCode::SERVICE_UNAVAILABLE,
                30,
                "too many callers are known\n",
            );
        };
        let most = self.settings.body_kib as usize * 1024;
        let mut request = match body::whole(request, most).await {
            Ok(request) => request,
            Err(reply) => return reply,
        };
        let session = text_of(request.headers(), "mcp-session-id").map(str::to_owned);
        let modern = text_of(request.headers(), "mcp-protocol-version") == Some(MODERN);
        let begins = session.is_none() && !modern && request.method() == Method::POST;
        if begins && subject.is_crowded() {
            // Who begins sessions faster than they are put away waits for that.
            self.put_away(&subject).await;
        }
        // One after the other: each session that begins is counted before the next one is.
        let _beginning = if begins {
            Some(subject.beginning.lock().await)
        } else {
            None
        };
        let room = !begins || subject.room_for_session().await;
        let caller = subject.caller(session.as_deref()).await;
        let Some(caller) = caller.filter(|_| room) else {
            return self.busy(
                StatusCode::SERVICE_UNAVAILABLE,
                5,
                "too many sessions are open: end one with DELETE\n",
            );
        };
        Metrics::count(&self.common.metrics.served);
        let flying = Flying::new(&self.common.metrics);
        request.extensions_mut().insert(caller.clone());
        // No handler has to know whoever's secret it was.
        request.headers_mut().remove(header::AUTHORIZATION);
        let reply = subject.answer(caller.clone(), modern, request).await;
        // What the request took is given back with the last of its answer.
        hold(reply, move || {
            let _: &(_, _, _) = &(&permit, &flying, &caller);
        })
    }

    fn busy(&self, status: StatusCode, seconds: u64, why: &'static str) -> Reply {
        Metrics::count(&self.common.metrics.busy);
        later(status, seconds, why)
    }

    /// Returns somebody, whatever scopes they show.
    fn person(&self, who: &Identity) -> Arc<Person> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= SUBJECTS {
            people.retain(|_, one| Arc::strong_count(one) > 1 || !one.bucket.is_full());
        }
        let person = people.entry(who.name.clone());
        person
            .or_insert_with(|| Person::new(self.settings.rate))
            .clone()
    }

    /// Returns what somebody has open here; none where too many are known.
    fn subject(&self, person: &Arc<Person>, who: Identity) -> Option<Arc<Subject>> {
        let mut subjects = self.lock();
        if let Some(subject) = subjects.get(&who) {
            return Some(subject.clone());
        }
        if subjects.len() >= SUBJECTS {
            return None;
        }
        let place = person.place()?;
        let ceiling = self.ceiling(&who);
        let subject = Arc::new(Subject::new(&self.common, place, who.clone(), ceiling));
        subjects.insert(who, subject.clone());
        Some(subject)
    }

    /// Returns the most that somebody may have: all that their scopes give, and nothing without one. Without `scopes`, whatever
    /// the operator granted.
    fn ceiling(&self, who: &Identity) -> Option<Grant> {
        let scopes = self.settings.scopes.as_ref()?;
        // Only OAuth says scopes.
        self.door.has_scopes().then(|| {
            let of = who.scopes.iter().filter_map(|scope| scopes.get(scope));
            of.fold(Grant::default(), Grant::union)
        })
    }

    fn ready(&self) -> Reply {
        if self.draining.load(Ordering::Relaxed) {
            text(StatusCode::SERVICE_UNAVAILABLE, "ending\n")
        } else {
            text(StatusCode::OK, "ready\n")
        }
    }

    /// Tells whether a request that the library does not see was sent to one of our names, by no page of others.
    fn is_for_us(&self, request: &Request<Incoming>) -> bool {
        let named = text_of(request.headers(), "host");
        let named = named.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
        let authority = named.and_then(|named| named.parse::<http::uri::Authority>().ok());
        let ours = authority.is_some_and(|authority| {
            let host = authority.host().trim_matches(['[', ']']);
            let allowed = &self.common.config.allowed_hosts;
            let named = |own: &String| {
                own.eq_ignore_ascii_case(host) || own.eq_ignore_ascii_case(authority.as_str())
            };
            allowed.iter().any(named)
        });
        ours && !request.headers().contains_key(header::ORIGIN)
    }

    /// Completes the executions of callers that are done, and forgets subjects where there are many.
    pub(super) async fn sweep(&self) {
        for subject in self.all() {
            self.put_away(&subject).await;
            for caller in subject.idle(self.idle()) {
                // None where a call came just now.
                if let Some(_held) = caller.rest() {
                    let over = caller.execution();
                    // First, so that no call goes to the one that ends; one that nothing was written in stays.
                    let info = self.common.host.execution_info(&over).await;
                    if info.is_ok_and(|info| info.is_some()) {
                        caller.begin_another(&over);
                    }
                    self.end_of(&over).await;
                }
            }
        }
        self.bound_results();
        let known: Vec<_> = self
            .lock()
            .iter()
            .map(|(who, one)| (who.clone(), one.clone()))
            .collect();
        let mut more = known.len().saturating_sub(SUBJECTS / 2);
        let mut quiet = Vec::new();
        for (who, subject) in known {
            if let Some(since) = subject.quiet_since().await {
                quiet.push((since, who, subject));
            }
        }
        // Who was away longest is forgotten first.
        quiet.sort_by_key(|(since, ..)| *since);
        for (_, who, subject) in quiet {
            let mut subjects = self.lock();
            let gives_way = more > 0 || subject.place.is_crowded();
            // The map's, and this one: no request has it.
            if gives_way && Arc::strong_count(&subject) == 2 {
                subjects.remove(&who);
                more = more.saturating_sub(1);
            }
        }
    }

    /// Gives up the results of those who were away longest, where all of them take too much memory.
    fn bound_results(&self) {
        let mut resting: Vec<_> = self.all().iter().flat_map(|one| one.resting()).collect();
        resting.sort_by_key(|(since, _)| *since);
        let mut bytes: usize = resting.iter().map(|(_, one)| one.kept.bytes()).sum();
        for (_, caller) in resting {
            if bytes <= MOST_RESULTS {
                return;
            }
            bytes -= caller.kept.clear();
        }
    }

    fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.idle_seconds))
    }

    async fn put_away(&self, subject: &Subject) {
        for caller in subject.retire().await {
            self.end(&caller).await;
        }
    }

    /// Ends a caller: its executions are completed, so that they can be merged.
    pub(super) async fn end(&self, caller: &Caller) {
        // A call that waited while its execution was completed may have opened an older one again.
        for execution in caller.executions() {
            self.end_of(&execution).await;
        }
    }

    async fn end_of(&self, execution: &ExecutionId) {
        if let Err(error) = complete(&self.common.host, execution).await {
            tracing::warn!("{error}");
        }
    }

    /// Returns all subjects.
    pub(super) fn all(&self) -> Vec<Arc<Subject>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Identity, Arc<Subject>>> {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells why nobody can say to whom a request is sent, or from where.
fn ambiguous(request: &Request<Incoming>) -> Option<&'static str> {
    let (headers, authority) = (request.headers(), request.uri().authority());
    let several = |name| headers.get_all(name).iter().nth(1).is_some();
    if several(header::HOST) || several(header::ORIGIN) {
        return Some("send one `Host`, and one `Origin` at the most\n");
    }
    let named = text_of(headers, "host");
    if named.is_some_and(|named| named.contains('@')) {
        return Some("`Host` is a name and a port\n");
    }
    match (authority, named) {
        (Some(authority), Some(named)) if !authority.as_str().eq_ignore_ascii_case(named) => {
            Some("the request's address and its `Host` are two\n")
        }
        _ => None,
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
