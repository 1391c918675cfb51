//! What is told to a client without being asked: how far a call is, and lines of a plugin's log.

#![expect(
    deprecated,
    reason = "the protocol's log is deprecated, and clients of today still listen to it"
)]

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::RoleServer;
use rmcp::model::{
    LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam, ProgressToken,
};
use rmcp::service::{Peer, RequestContext};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Era;
use crate::mcp::clean;
use crate::model::LogLevel;

/// Notices that wait for a slow client; more are dropped, because no call waits for one.
const WAITING: usize = 256;

/// The longest line of a log that is passed on, in characters.
const LONGEST: usize = 4096;

/// From which level on the lines of plugins' logs are passed on: what a client of the legacy era set for its connection.
#[derive(Debug)]
pub(in crate::mcp) struct Loudness(Mutex<LoggingLevel>);

impl Default for Loudness {
    fn default() -> Self {
        Self(Mutex::new(LoggingLevel::Info))
    }
}

impl Loudness {
    /// Sets the level.
    pub(in crate::mcp) fn set(&self, level: LoggingLevel) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = level;
    }

    fn get(&self) -> LoggingLevel {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where notices of a running request go. A request that was parked goes on under another one of the client's.
#[derive(Clone)]
pub(in crate::mcp) struct Notices {
    to: Arc<Mutex<Option<Listener>>>,
    /// How far the call is, for whoever looks later.
    last: Arc<Mutex<Option<String>>>,
}

struct Listener {
    peer: Peer<RoleServer>,
    runtime: Handle,
    /// The queue, and what empties it.
    sending: Option<(mpsc::Sender<Notice>, JoinHandle<()>)>,
    progress: Option<ProgressToken>,
    loudness: Option<LoggingLevel>,
}

enum Notice {
    Progress(ProgressNotificationParam),
    Log(LoggingMessageNotificationParam),
}

impl Notices {
    /// Tells nobody.
    pub(in crate::mcp) fn nobody() -> Self {
        Self {
            to: Arc::default(),
            last: Arc::default(),
        }
    }

    /// Tells the client of a request from now on, as far as it wants to hear.
    pub(in crate::mcp) fn listen(
        &self,
        context: &RequestContext<RoleServer>,
        connection: &Loudness,
    ) {
        let progress = context.meta.get_progress_token();
        let loudness = match Era::of(context) {
            Era::Legacy => Some(connection.get()),
            // A request that names no level wants no lines.
            Era::Modern => context.meta.log_level(),
        };
        if progress.is_none() && loudness.is_none() {
            return;
        }
        let listener = Listener {
            peer: context.peer.clone(),
            runtime: Handle::current(),
            sending: None,
            progress,
            loudness,
        };
        *self.lock() = Some(listener);
    }

    /// Lets what is under way arrive, so that nothing is told after the answer, and tells nobody from then on.
    pub(in crate::mcp) async fn finish(&self) {
        let listener = self.lock().take();
        if let Some((queue, sender)) = listener.and_then(|listener| listener.sending) {
            drop(queue);
            // It ends when the queue is empty; if it broke, nobody hears of it.
            sender.await.unwrap_or_default();
        }
    }

    /// Returns how far the call was said to be, last.
    pub(in crate::mcp) fn last(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// Tells how far the call is.
    pub(super) fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let said = match (message, total) {
            (Some(message), _) => clean::line(message, LONGEST),
            (None, Some(total)) => format!("{progress} of {total}"),
            (None, None) => progress.to_string(),
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
        self.tell(|listener| {
            let token = listener.progress.clone()?;
            let mut told = ProgressNotificationParam::new(token, progress);
            told.total = total;
            told.message = message.map(|message| clean::line(message, LONGEST));
            Some(Notice::Progress(told))
        });
    }

    /// Passes a line of a plugin's log on.
    pub(super) fn log(&self, level: LogLevel, plugin: &str, message: &str) {
        let level = match level {
            LogLevel::Debug => LoggingLevel::Debug,
            LogLevel::Info => LoggingLevel::Info,
            LogLevel::Warning => LoggingLevel::Warning,
            LogLevel::Error => LoggingLevel::Error,
            LogLevel::Critical => LoggingLevel::Critical,
        };
        self.tell(|listener| {
            let wanted = listener.loudness?;
            if (level as u8) < (wanted as u8) {
                return None;
            }
            let line = clean::text(message, LONGEST);
            let mut told = LoggingMessageNotificationParam::new(level, line.into());
            told.logger = Some(plugin.to_owned());
            Some(Notice::Log(told))
        });
    }

    fn tell(&self, notice: impl FnOnce(&Listener) -> Option<Notice>) {
        if let Some(listener) = &mut *self.lock()
            && let Some(notice) = notice(listener)
            && listener.queue().try_send(notice).is_err()
        {
            tracing::debug!("a client is too slow to hear how its call goes");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Listener>> {
        self.to.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Returns the queue of what is sent; most calls have nothing to say, and need none.
    fn queue(&mut self) -> &mpsc::Sender<Notice> {
        let (queue, _) = self.sending.get_or_insert_with(|| {
            let (queue, waiting) = mpsc::channel(WAITING);
            (queue, self.runtime.spawn(send(self.peer.clone(), waiting)))
        });
        queue
    }
}

async fn send(peer: Peer<RoleServer>, mut waiting: mpsc::Receiver<Notice>) {
    while let Some(notice) = waiting.recv().await {
        let sent = match notice {
            Notice::Progress(progress) => peer.notify_progress(progress).await,
            Notice::Log(line) => peer.notify_logging_message(line).await,
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "a client does not hear how its call goes");
            return;
        }
    }
}
