//! Reading and writing a file as a stream: what may block is waited for on another thread.

use bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, OutputStream, StreamError, StreamResult};

use super::backing::{Backing, Work};
use super::convert;
use crate::workspace::FsError;

/// Reads a file from an offset on.
pub(super) struct FileInput {
    file: Backing,
    offset: u64,
    state: Reading,
}

enum Reading {
    Idle,
    Busy(Work<Vec<u8>>),
    Done(Bytes),
    Failed(FsError),
    End,
}

impl FileInput {
    pub(super) const fn new(file: Backing, offset: u64) -> Self {
        Self {
            file,
            offset,
            state: Reading::Idle,
        }
    }

    fn begin(&mut self, size: usize) {
        let offset = self.offset;
        let size = size.min(self.file.chunk());
        let work = self.file.begin(move |node| node.read(offset, size));
        self.state = match work {
            Work::Done(read) => self.had(read),
            work @ Work::Waiting(_) => Reading::Busy(work),
        };
    }

    fn had(&mut self, read: Result<Vec<u8>, FsError>) -> Reading {
        match read {
            Ok(bytes) if bytes.is_empty() => Reading::End,
            Ok(bytes) => {
                self.offset += bytes.len() as u64;
                Reading::Done(bytes.into())
            }
            Err(error) => Reading::Failed(error),
        }
    }

    async fn wait(&mut self) {
        if let Reading::Busy(work) = &mut self.state {
            let read = work.outcome().await;
            self.state = self.had(read);
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileInput {
    async fn ready(&mut self) {
        if let Reading::Idle = self.state {
            self.begin(usize::MAX);
        }
        self.wait().await;
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for FileInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        if let Reading::Idle = self.state {
            self.begin(size);
        }
        match std::mem::replace(&mut self.state, Reading::End) {
            Reading::Idle => {
                self.state = Reading::Idle;
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
        if size > 0 {
            if let Reading::Idle = self.state {
                self.begin(size);
            }
            self.wait().await;
        }
        self.read(size)
    }

    /// A guest that drops a stream waits for what it began: it cannot pile work up.
    async fn cancel(&mut self) {
        self.wait().await;
    }
}

/// Where a stream writes.
pub(super) enum Position {
    /// From an offset on.
    At(u64),
    /// At the end of the file, wherever that is by then.
    End,
}

/// Writes a file.
pub(super) struct FileOutput {
    file: Backing,
    position: Position,
    state: Writing,
}

enum Writing {
    Ready,
    Busy(Work<()>),
    Failed(FsError),
    Closed,
}

impl FileOutput {
    pub(super) const fn new(file: Backing, position: Position) -> Self {
        Self {
            file,
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

fn wrote(written: Result<(), FsError>) -> Writing {
    match written {
        Ok(()) => Writing::Ready,
        Err(error) => Writing::Failed(error),
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileOutput {
    async fn ready(&mut self) {
        if let Writing::Busy(work) = &mut self.state {
            self.state = wrote(work.outcome().await);
        }
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for FileOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if !self.outcome()? {
            return Err(StreamError::trap(
                "a stream was written to before it was ready",
            ));
        }
        let offset = match &mut self.position {
            Position::At(offset) => {
                let here = *offset;
                *offset = here.saturating_add(bytes.len() as u64);
                Some(here)
            }
            Position::End => None,
        };
        let work = self.file.begin(move |node| match offset {
            Some(offset) => node.write(offset, &bytes),
            None => node.append(&bytes),
        });
        self.state = match work {
            Work::Done(written) => wrote(written),
            work @ Work::Waiting(_) => Writing::Busy(work),
        };
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.outcome().map(drop)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        let chunk = self.file.chunk();
        Ok(if self.outcome()? { chunk } else { 0 })
    }

    /// A guest that drops a stream waits for what it began, so that it meets its own writes.
    async fn cancel(&mut self) {
        self.ready().await;
    }
}

/// Keeps the workspace's error inside the stream's, where `filesystem-error-code` finds it.
fn failed(error: FsError) -> StreamError {
    if let Some(trap) = convert::trap(&error) {
        return StreamError::Trap(trap);
    }
    StreamError::LastOperationFailed(wasmtime::Error::new(error))
}
