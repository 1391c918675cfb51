//! The gate: who calls, how often, and how many at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;

use super::metrics::{Flying, Metrics};
use super::reply::{Reply, later, text, unknown};
use super::subject::Subject;
use super::tokens::Tokens;
use crate::flow::Host;
use crate::mcp::caller::Caller;
use crate::mcp::handler::Handler;
use crate::mcp::serve::complete;
use crate::model::ServingSettings;

/// What all connections share.
pub(super) struct Gate {
    pub(super) host: Arc<Host>,
    pub(super) handler: Handler,
    pub(super) config: StreamableHttpServerConfig,
    pub(super) settings: ServingSettings,
    /// Who may call; none where everybody on this machine may.
    pub(super) tokens: Option<Tokens>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) draining: AtomicBool,
    pub(super) subjects: Mutex<HashMap<Option<String>, Arc<Subject>>>,
}

impl Gate {
    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Reply {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::GET, "/healthz") => return text(StatusCode::OK, "ok\n"),
            (&Method::GET, "/readyz") => return self.ready(),
            (_, "/mcp") | (&Method::GET, "/metrics") => {}
            _ => return text(StatusCode::NOT_FOUND, "there is only /mcp here\n"),
        }
        let Ok(name) = self.who(&request) else {
            Metrics::count(&self.metrics.unknown);
            return unknown();
        };
        if path == "/metrics" {
            if !self.is_for_us(&request) {
                return text(
                    StatusCode::FORBIDDEN,
                    "not by this name or from this origin\n",
                );
            }
            let callers = self.all().iter().map(|subject| subject.callers()).sum();
            return text(StatusCode::OK, self.metrics.text(callers));
        }
        if self.draining.load(Ordering::Relaxed) {
            return later(StatusCode::SERVICE_UNAVAILABLE, 5, "the server is ending\n");
        }
        self.pass(name, request).await
    }

    /// Tells whose a request is; none where nobody has to say.
    fn who(&self, request: &Request<Incoming>) -> Result<Option<String>, ()> {
        let Some(tokens) = &self.tokens else {
            return Ok(None);
        };
        let mut given = request.headers().get_all(header::AUTHORIZATION).iter();
        let (Some(one), None) = (given.next(), given.next()) else {
            return Err(());
        };
        let (scheme, token) = one
            .to_str()
            .ok()
            .and_then(|one| one.split_once(' '))
            .ok_or(())?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(());
        }
        let whose = tokens.whose(token.trim()).ok_or(())?;
        Ok(Some(whose.to_owned()))
    }

    async fn pass(&self, name: Option<String>, mut request: Request<Incoming>) -> Reply {
        let subject = self.subject(name);
        if let Err(wait) = subject.bucket.take() {
            Metrics::count(&self.metrics.busy);
            let seconds = wait.as_secs() + 1;
            return later(
                StatusCode::TOO_MANY_REQUESTS,
                seconds,
                "too often: come back later\n",
            );
        }
        let Ok(permit) = subject.open.clone().try_acquire_owned() else {
            Metrics::count(&self.metrics.busy);
            return later(
                StatusCode::TOO_MANY_REQUESTS,
                1,
                "too many requests are open\n",
            );
        };
        Metrics::count(&self.metrics.served);
        let flying = Flying::new(&self.metrics);
        let session = request.headers().get("mcp-session-id").cloned();
        let session = session.as_ref().and_then(|id| id.to_str().ok());
        let caller = subject.caller(session).await;
        request.extensions_mut().insert(caller.clone());
        // No handler has to know whoever's secret it was.
        request.headers_mut().remove(header::AUTHORIZATION);
        let reply = subject.service.handle(request).await;
        reply.map(|body| {
            let held = (permit, flying, caller);
            // What the request took is given back with the last of its answer.
            body.map_frame(move |frame| {
                let _: &(_, _, _) = &held;
                frame
            })
            .boxed()
        })
    }

    fn subject(&self, name: Option<String>) -> Arc<Subject> {
        let mut subjects = self.lock();
        // As many as there are tokens, at the most.
        let subject = subjects.entry(name).or_insert_with_key(|name| {
            Arc::new(Subject::new(
                self.host.clone(),
                name.clone(),
                self.handler.clone(),
                self.config.clone(),
                self.settings.rate,
            ))
        });
        subject.clone()
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
        let named = request.headers().get(header::HOST);
        let named = named.and_then(|host| host.to_str().ok());
        let named = named.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
        let authority = named.and_then(|named| named.parse::<http::uri::Authority>().ok());
        let ours = authority.is_some_and(|authority| {
            let host = authority.host().trim_matches(['[', ']']);
            let allowed = &self.config.allowed_hosts;
            allowed
                .iter()
                .any(|own| own == host || own == authority.as_str())
        });
        ours && !request.headers().contains_key(header::ORIGIN)
    }

    /// Completes the executions of callers that are done.
    pub(super) async fn sweep(&self) {
        let idle = Duration::from_secs(u64::from(self.settings.idle_seconds));
        for subject in self.all() {
            for caller in subject.retire(idle).await {
                self.end(&caller).await;
            }
        }
    }

    /// Ends a caller: its execution is completed, so that it can be merged.
    pub(super) async fn end(&self, caller: &Caller) {
        if let Err(error) = complete(&self.host, &caller.execution).await {
            tracing::warn!("{error}");
        }
    }

    /// Returns all subjects.
    pub(super) fn all(&self) -> Vec<Arc<Subject>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<String>, Arc<Subject>>> {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
