//! Reading and writing, by calls and by streams.

use wasip2::filesystem::types::{Descriptor, filesystem_error_code};
use wasip2::io::streams::{OutputStream, StreamError};

use crate::run::{Ended, code};

pub(crate) fn read(file: &Descriptor, length: u64, offset: u64) -> Ended {
    let (bytes, end) = file.read(length, offset).map_err(code)?;
    Ok(format!(
        "{}{}",
        shown(&bytes),
        if end { " end" } else { "" }
    ))
}

pub(crate) fn write(file: &Descriptor, text: &str, offset: u64) -> Ended {
    let wrote = file.write(text.as_bytes(), offset).map_err(code)?;
    Ok(wrote.to_string())
}

pub(crate) fn read_stream(file: &Descriptor, offset: u64, chunk: u64) -> Ended {
    let stream = file.read_via_stream(offset).map_err(code)?;
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(chunk) {
            Ok(bytes) => all.extend(bytes),
            Err(StreamError::Closed) => return Ok(shown(&all)),
            Err(error) => return Err(stream_error(&error)),
        }
    }
}

/// Writes each text, the second one by what does not block, the third one as so many zeroes.
pub(crate) fn write_stream(file: &Descriptor, offset: Option<u64>, texts: &[String]) -> Ended {
    let stream = match offset {
        Some(offset) => file.write_via_stream(offset),
        None => file.append_via_stream(),
    }
    .map_err(code)?;
    for (number, text) in texts.iter().enumerate() {
        let wrote = match number {
            1 => write_when_ready(&stream, text.as_bytes()),
            2 => stream.blocking_write_zeroes_and_flush(text.len() as u64),
            _ => stream.blocking_write_and_flush(text.as_bytes()),
        };
        wrote.map_err(|error| stream_error(&error))?;
    }
    Ok(String::new())
}

fn write_when_ready(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    stream.blocking_flush()
}

pub(crate) fn splice(from: &Descriptor, offset: u64, to: &Descriptor, length: u64) -> Ended {
    let source = from.read_via_stream(offset).map_err(code)?;
    let sink = to.append_via_stream().map_err(code)?;
    let mut left = length;
    while left > 0 {
        match sink.blocking_splice(&source, left) {
            Ok(moved) => left = left.saturating_sub(moved),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(stream_error(&error)),
        }
    }
    match sink.blocking_flush() {
        Ok(()) | Err(StreamError::Closed) => Ok((length - left).to_string()),
        Err(error) => Err(stream_error(&error)),
    }
}

fn stream_error(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "closed".to_owned(),
        StreamError::LastOperationFailed(error) => match filesystem_error_code(error) {
            Some(code) => format!("stream: {}", code.name()),
            None => "stream: no code".to_owned(),
        },
    }
}

/// Shows bytes so that holes can be read.
fn shown(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(bytes))
}
