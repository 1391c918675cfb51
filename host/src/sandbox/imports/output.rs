//! `log`, and a guest's stdout and stderr: all of it becomes log lines, none of it reaches the process's own output.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use crate::model::{Breach, LimitName, LogLevel};
use crate::observe::{Level, Sink};
use crate::sandbox::account::Account;
use crate::sandbox::bindings::imports::log;
use crate::sandbox::state::State;

/// A line longer than this is logged in parts, so that output without an end of line holds no memory.
const LONGEST: usize = 4096;

/// How many lines are kept, and how much of each: a panic writes three.
const KEPT: usize = 4;
const LONGEST_KEPT: usize = 200;

impl log::Host for State {
    async fn log(
        &mut self,
        level: log::Level,
        context: String,
        message: String,
    ) -> wasmtime::Result<()> {
        let (level, told) = match level {
            log::Level::Trace => (Level::Trace, LogLevel::Debug),
            log::Level::Debug => (Level::Debug, LogLevel::Debug),
            log::Level::Info => (Level::Info, LogLevel::Info),
            log::Level::Warn => (Level::Warn, LogLevel::Warning),
            log::Level::Error => (Level::Error, LogLevel::Error),
            log::Level::Critical => (Level::Error, LogLevel::Critical),
        };
        let size = context.len() + message.len();
        self.account().count(LimitName::LogLines, 1)?;
        self.account().count(LimitName::LogBytes, size as u64)?;
        let message = if context.is_empty() {
            message
        } else {
            format!("{context}: {message}")
        };
        self.sink.log(&self.plugin, level, &message);
        if let Some(callbacks) = &self.callbacks {
            callbacks.log(told, &message);
        }
        Ok(())
    }
}

/// A guest's stdout or stderr.
#[derive(Clone)]
pub(in crate::sandbox) struct GuestOutput(Arc<Mutex<Lines>>);

struct Lines {
    plugin: Arc<str>,
    level: Level,
    sink: Sink,
    account: Account,
    line: Vec<u8>,
    /// The latest lines, for a crash to be explained by.
    last: VecDeque<String>,
}

impl GuestOutput {
    /// Makes an output whose lines are logged in a plugin's name.
    pub(in crate::sandbox) fn new(
        plugin: Arc<str>,
        level: Level,
        sink: Sink,
        account: Account,
    ) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            plugin,
            level,
            sink,
            account,
            line: Vec::new(),
            last: VecDeque::new(),
        })))
    }

    /// Counts what comes for another call.
    pub(in crate::sandbox) fn count_for(&self, account: Account) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .account = account;
    }

    /// Returns the latest lines that the guest wrote.
    pub(in crate::sandbox) fn last_lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.last.iter().cloned().collect()
    }
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Breach> {
        self.account
            .count(LimitName::LogBytes, bytes.len() as u64)?;
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            for piece in part.chunks(LONGEST) {
                self.line.extend_from_slice(piece);
                if self.line.ends_with(b"\n") || self.line.len() >= LONGEST {
                    self.end()?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Breach> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if !line.trim().is_empty() {
            self.account.count(LimitName::LogLines, 1)?;
            self.sink.log(&self.plugin, self.level, &line);
            if self.last.len() == KEPT {
                self.last.pop_front();
            }
            self.last
                .push_back(line.trim().chars().take(LONGEST_KEPT).collect());
        }
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // A last line that is over the limit is one that nobody reads.
        self.end().unwrap_or_default();
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for GuestOutput {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(bytes)
            .map_err(std::io::Error::other)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
