//! Reading and writing a file of the git tree as a stream.

use bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, OutputStream, StreamError, StreamResult};

use super::convert;
use super::open_file::OpenFile;
use crate::workspace::FsError;

/// How much one read or write moves at the most; a larger request is served in parts.
const CHUNK: usize = 1 << 20;

/// Reads a file from an offset on.
pub(super) struct FileInput {
    pub(super) file: OpenFile,
    pub(super) offset: u64,
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileInput {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl InputStream for FileInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        let bytes = self
            .file
            .tree()
            .read(self.file.handle(), self.offset, size.min(CHUNK))
            .map_err(failed)?;
        if bytes.is_empty() {
            return Err(StreamError::Closed);
        }
        self.offset += bytes.len() as u64;
        Ok(bytes.into())
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
    pub(super) file: OpenFile,
    pub(super) position: Position,
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileOutput {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for FileOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let handle = self.file.handle();
        match &mut self.position {
            Position::At(offset) => {
                self.file
                    .tree()
                    .write(handle, *offset, &bytes)
                    .map_err(failed)?;
                *offset += bytes.len() as u64;
            }
            Position::End => self.file.tree().append(handle, &bytes).map_err(failed)?,
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

/// Keeps the workspace's error inside the stream's, where `filesystem-error-code` finds it.
pub(super) fn failed(error: FsError) -> StreamError {
    if let Some(trap) = convert::trap(&error) {
        return StreamError::Trap(trap);
    }
    StreamError::LastOperationFailed(wasmtime::Error::new(error))
}
