//! Streams of a connection whose bytes are counted.

use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, StreamError, StreamResult,
};

use crate::network::{Outward, SendError};

fn over(limit: SendError) -> StreamError {
    StreamError::Trap(limit.into())
}

/// What comes in.
pub(super) struct CountedInput {
    pub(super) inner: DynInputStream,
    pub(super) outward: Arc<Outward>,
}

#[wasmtime_wasi::async_trait]
impl Pollable for CountedInput {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for CountedInput {
    fn read(&mut self, most: usize) -> StreamResult<Bytes> {
        let read = self.inner.read(most)?;
        self.outward.received(read.len()).map_err(over)?;
        Ok(read)
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

/// What goes out.
pub(super) struct CountedOutput {
    pub(super) inner: DynOutputStream,
    pub(super) outward: Arc<Outward>,
}

#[wasmtime_wasi::async_trait]
impl Pollable for CountedOutput {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for CountedOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        // Before it goes: what is over the limit is not sent.
        self.outward.sent(bytes.len()).map_err(over)?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}
