//! Reading and writing a file of a granted directory as a stream: the disk is waited for on another thread.

use bytes::Bytes;
use tokio::task::JoinHandle;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, OutputStream, StreamError, StreamResult};

use super::stream::{Position, failed};
use crate::workspace::{DiskNode, FsError, OpenNode as _};

/// How much one piece of work moves at the most. It waits in memory, and a call may have as many as it has streams.
const CHUNK: usize = 64 << 10;

type Task<T> = JoinHandle<Result<T, FsError>>;

/// Reads a file from an offset on.
pub(super) struct DiskInput {
    node: DiskNode,
    offset: u64,
    state: Reading,
}

enum Reading {
    Idle,
    Busy(Task<Vec<u8>>),
    Done(Bytes),
    Failed(FsError),
    End,
}

impl DiskInput {
    pub(super) const fn new(node: DiskNode, offset: u64) -> Self {
        Self {
            node,
            offset,
            state: Reading::Idle,
        }
    }

    fn begin(&mut self, size: usize) {
        let (node, offset) = (self.node.clone(), self.offset);
        self.state = Reading::Busy(tokio::task::spawn_blocking(move || {
            node.read(offset, size.min(CHUNK))
        }));
    }

    async fn wait(&mut self) {
        if let Reading::Busy(task) = &mut self.state {
            self.state = match joined(task.await) {
                Ok(bytes) if bytes.is_empty() => Reading::End,
                Ok(bytes) => {
                    self.offset += bytes.len() as u64;
                    Reading::Done(bytes.into())
                }
                Err(error) => Reading::Failed(error),
            };
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for DiskInput {
    async fn ready(&mut self) {
        if let Reading::Idle = self.state {
            self.begin(CHUNK);
        }
        self.wait().await;
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for DiskInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        match std::mem::replace(&mut self.state, Reading::End) {
            Reading::Idle => {
                self.begin(size);
                Ok(Bytes::new())
            }
            busy @ Reading::Busy(_) => {
                self.state = busy;
                Ok(Bytes::new())
            }
            Reading::Done(mut bytes) => {
                let part = bytes.split_to(size.min(bytes.len()));
                self.state = if bytes.is_empty() {
                    Reading::Idle
                } else {
                    Reading::Done(bytes)
                };
                Ok(part)
            }
            Reading::Failed(error) => Err(failed(error)),
            Reading::End => Err(StreamError::Closed),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        // What is wanted is known: it is one piece of work.
        if let (Reading::Idle, true) = (&self.state, size > 0) {
            self.begin(size);
        }
        self.ready().await;
        self.read(size)
    }

    /// A guest that drops a stream waits for what it began: it cannot pile work up.
    async fn cancel(&mut self) {
        self.wait().await;
    }
}

/// Writes a file.
pub(super) struct DiskOutput {
    node: DiskNode,
    position: Position,
    state: Writing,
}

enum Writing {
    Ready,
    Busy(Task<()>),
    Failed(FsError),
    Closed,
}

impl DiskOutput {
    pub(super) const fn new(node: DiskNode, position: Position) -> Self {
        Self {
            node,
            position,
            state: Writing::Ready,
        }
    }

    /// Returns how far the stream is, and the error of what was last written.
    fn outcome(&mut self) -> StreamResult<bool> {
        match std::mem::replace(&mut self.state, Writing::Closed) {
            Writing::Ready => {
                self.state = Writing::Ready;
                Ok(true)
            }
            busy @ Writing::Busy(_) => {
                self.state = busy;
                Ok(false)
            }
            Writing::Failed(error) => Err(failed(error)),
            Writing::Closed => Err(StreamError::Closed),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for DiskOutput {
    async fn ready(&mut self) {
        if let Writing::Busy(task) = &mut self.state {
            self.state = match joined(task.await) {
                Ok(()) => Writing::Ready,
                Err(error) => Writing::Failed(error),
            };
        }
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for DiskOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if !self.outcome()? {
            return Err(StreamError::trap(
                "a stream was written to before it was ready",
            ));
        }
        let node = self.node.clone();
        let offset = match &mut self.position {
            Position::At(offset) => {
                let here = *offset;
                *offset = here.saturating_add(bytes.len() as u64);
                Some(here)
            }
            Position::End => None,
        };
        self.state = Writing::Busy(tokio::task::spawn_blocking(move || match offset {
            Some(offset) => node.write(offset, &bytes),
            None => node.append(&bytes),
        }));
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.outcome().map(drop)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(if self.outcome()? { CHUNK } else { 0 })
    }

    /// A guest that drops a stream waits for what it began, so that it meets its own writes.
    async fn cancel(&mut self) {
        self.ready().await;
    }
}

/// Returns what a piece of work answered; one that panicked is an error of the disk.
fn joined<T>(done: Result<Result<T, FsError>, tokio::task::JoinError>) -> Result<T, FsError> {
    done.unwrap_or_else(|error| Err(FsError::Disk(std::io::Error::other(error))))
}
