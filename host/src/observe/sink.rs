//! The sink that every room may write to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::redact::redact;
use super::{HttpEnd, HttpTold, Keeper, SocketTold, http, socket};
use crate::model::{
    AuditRecord, Audited, Denied, Event, EventType, GrantRecord, HttpRecord, LimitRecord, Origin,
    SocketRecord,
};

/// Events that wait to be handed to the observers' own queues; more are dropped, and counted.
const QUEUE: usize = 4096;

/// The longest line of a guest that is logged, in bytes; the rest is cut.
const LONGEST_LINE: usize = 4096;

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Everything.
    Trace,
    /// For the plugin's author.
    Debug,
    /// For the operator who looks.
    Info,
    /// For the operator, soon.
    Warn,
    /// For the operator, now.
    Error,
}

/// Takes events and log lines; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Sink {
    queue: Option<mpsc::Sender<Message>>,
    dropped: Arc<AtomicU64>,
    observed: Arc<AtomicBool>,
    keeper: Option<Arc<Keeper>>,
}

/// What stands in the queue.
#[derive(Debug)]
pub enum Message {
    /// What happened.
    Event(Box<Event>),
    /// Answered once all that was told before it was heard.
    Flush(oneshot::Sender<()>),
}

/// The other end of a sink.
#[derive(Debug)]
pub struct Listener {
    queue: mpsc::Receiver<Message>,
}

impl Sink {
    /// Makes a sink and the end where its events come out. Audit records go to the keeper.
    pub fn new(keeper: Keeper) -> (Self, Listener) {
        let (sender, queue) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        (
            Self {
                queue: Some(sender),
                dropped,
                observed: Arc::new(AtomicBool::new(true)),
                keeper: Some(Arc::new(keeper)),
            },
            Listener { queue },
        )
    }

    /// Says whether there is an observer. While there is none, events are only logged: to queue one wakes another thread,
    /// which costs more than a small call.
    pub fn set_observed(&self, observed: bool) {
        self.observed.store(observed, Ordering::Relaxed);
    }

    /// Tells an event.
    pub fn send(&self, mut event: Event) {
        hide(&mut event.event_type);
        tracing::debug!(event = ?event.event_type, execution = %event.execution_id, step = event.step_name, "event");
        if let Some(queue) = &self.queue
            && self.observed.load(Ordering::Relaxed)
            && queue.try_send(Message::Event(Box::new(event))).is_err()
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all that was told so far was heard, and returns how many events were dropped because the queue was full.
    pub async fn flush(&self) -> u64 {
        if let Some(queue) = &self.queue {
            let (done, heard) = oneshot::channel();
            if queue.send(Message::Flush(done)).await.is_ok() {
                // An error says that nobody listens any more: there is nothing to wait for.
                heard.await.unwrap_or_default();
            }
        }
        self.dropped.load(Ordering::Relaxed)
    }

    /// Keeps something in the audit journal. Costs the caller about a microsecond; never waits for a disk, never fails.
    pub fn audit(&self, origin: Origin, what: Audited) {
        if let Some(keeper) = &self.keeper {
            keeper.tell(AuditRecord::now(origin, what));
        }
    }

    /// Keeps a refusal in the audit journal.
    pub fn denied(&self, origin: Origin, denied: &Denied) {
        self.audit(origin, Audited::Denied(denied.into()));
    }

    /// Keeps in the audit journal that a limit was reached.
    pub fn limit(&self, origin: Origin, limit: &impl std::fmt::Display, value: &str) {
        self.audit(
            origin,
            Audited::Limit(LimitRecord {
                limit: limit.to_string(),
                value: value.to_owned(),
            }),
        );
    }

    /// Tells a request, and keeps its destination in the audit journal.
    pub fn http(&self, origin: Origin, request: &HttpTold, end: &HttpEnd) {
        http::log(request, end);
        let HttpTold {
            method,
            scheme,
            host,
            port,
            path,
            ..
        } = request;
        let to = (*scheme, &*redact(host), *port);
        let path = redact(path);
        self.audit(
            origin,
            Audited::Http(match end {
                HttpEnd::Answered(status) => HttpRecord::allowed(method, to, &path, Some(*status)),
                HttpEnd::Failed(_) => HttpRecord::allowed(method, to, &path, None),
                HttpEnd::Refused(_) => HttpRecord::refused(method, to, &path),
            }),
        );
    }

    /// Tells a connection of a raw socket, and keeps its destination in the audit journal.
    pub fn socket(&self, origin: Origin, told: &SocketTold, refused: Option<&str>) {
        socket::log(told, refused);
        let record = SocketRecord::new(&redact(&told.host), told.to, refused.is_none());
        self.audit(origin, Audited::Socket(record));
    }

    /// Keeps in the audit journal that a person granted something.
    pub fn granted(&self, origin: Origin, record: GrantRecord) {
        self.audit(origin, Audited::Granted(record));
    }

    /// Keeps in the audit journal that a person took a grant back.
    pub fn revoked(&self, origin: Origin, record: GrantRecord) {
        self.audit(origin, Audited::Revoked(record));
    }

    /// Waits until all audit records are on the disk or cannot be; false where patience ended first. Blocks.
    pub fn settle_audit(&self, patience: Duration) -> bool {
        self.keeper
            .as_ref()
            .is_none_or(|keeper| keeper.settle(patience))
    }

    /// Tells a line that a plugin wrote. Control characters are shown, not sent: a guest does not write to a terminal.
    pub fn log(&self, plugin: &str, level: Level, message: &str) {
        let message = clean(&redact(message));
        match level {
            Level::Trace => tracing::trace!(target: "plugin", plugin, "{message}"),
            Level::Debug => tracing::debug!(target: "plugin", plugin, "{message}"),
            Level::Info => tracing::info!(target: "plugin", plugin, "{message}"),
            Level::Warn => tracing::warn!(target: "plugin", plugin, "{message}"),
            Level::Error => tracing::error!(target: "plugin", plugin, "{message}"),
        }
    }
}

impl Listener {
    /// Waits for what was told next; none once every sink is gone.
    pub async fn next(&mut self) -> Option<Message> {
        self.queue.recv().await
    }
}

/// Hides secrets in what an event says in words.
fn hide(event: &mut EventType) {
    match event {
        EventType::ExecutionFailed { error } | EventType::StepFailed { error } => {
            *error = redact(error).into_owned();
        }
        EventType::ExecutionStarted
        | EventType::ExecutionCompleted
        | EventType::StepStarted
        | EventType::StepCompleted
        | EventType::LlmCall { .. } => {}
    }
}

fn clean(message: &str) -> String {
    let mut line = String::with_capacity(message.len().min(LONGEST_LINE));
    for c in message.trim_end().chars() {
        if line.len() >= LONGEST_LINE {
            line.push('…');
            break;
        }
        if c.is_control() && c != '\t' {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}
