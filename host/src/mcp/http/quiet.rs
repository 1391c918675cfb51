//! Connections on which nothing happens: closed, so that they keep nobody else out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a connection may be open without a request.
const IDLE: Duration = Duration::from_mins(1);
/// How long a client may leave what is sent to it unread. Streams send a sign of life more often than that.
const UNREAD: Duration = Duration::from_mins(2);

/// What happens on a connection.
pub(super) struct Quiet {
    /// Requests whose answer has not begun.
    answering: AtomicUsize,
    /// Answers that are being read.
    reading: AtomicUsize,
    last: Mutex<Instant>,
}

/// A request whose answer has not begun.
pub(super) struct Answering(Option<Arc<Quiet>>);

/// An answer that is being read.
pub(super) struct Reading(Arc<Quiet>);

impl Quiet {
    /// Begins with a connection.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            answering: AtomicUsize::new(0),
            reading: AtomicUsize::new(0),
            last: Mutex::new(Instant::now()),
        })
    }

    /// Begins with a request.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        self.answering.fetch_add(1, Ordering::Relaxed);
        Answering(Some(self.clone()))
    }

    fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until nothing has happened for long.
    pub(super) async fn long(&self) {
        loop {
            let left = self.left();
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }

    fn left(&self) -> Duration {
        if self.answering.load(Ordering::Relaxed) > 0 {
            return IDLE;
        }
        let patience = match self.reading.load(Ordering::Relaxed) {
            0 => IDLE,
            _ => UNREAD,
        };
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        patience.saturating_sub(last.elapsed())
    }
}

impl Answering {
    /// Goes on with its answer.
    pub(super) fn read(mut self) -> Reading {
        match self.0.take() {
            Some(quiet) => {
                quiet.reading.fetch_add(1, Ordering::Relaxed);
                quiet.answering.fetch_sub(1, Ordering::Relaxed);
                quiet.touch();
                Reading(quiet)
            }
            // It is there until here.
            None => Reading(Quiet::new()),
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(quiet) = &self.0 {
            quiet.answering.fetch_sub(1, Ordering::Relaxed);
            quiet.touch();
        }
    }
}

impl Reading {
    /// Says that a part of it was taken.
    pub(super) fn touch(&self) {
        self.0.touch();
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.reading.fetch_sub(1, Ordering::Relaxed);
        self.0.touch();
    }
}
