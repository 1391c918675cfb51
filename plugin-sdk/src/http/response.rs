//! An answer: its head, and its body as it comes.

use super::{Error, url, wire};
use serde::de::DeserializeOwned;
use std::io::Read;

/// An answer. Reading it (it is [`std::io::Read`]) takes the body as it comes.
#[derive(Debug)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// The headers, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// What it is the answer to.
    pub(super) url: String,
    pub(super) body: wire::Body,
}

impl Response {
    /// Tells whether the status says that it went well.
    pub const fn is_ok(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Returns the first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns where the answer redirects to, if it does, as a whole URL.
    pub fn redirect(&self) -> Option<String> {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
            .then(|| self.header("location"))
            .flatten()
            .map(|location| url::join(&self.url, location))
    }

    /// Reads the body; one that is longer than `most` bytes is an error.
    pub fn bytes(&mut self, most: usize) -> Result<Vec<u8>, Error> {
        let (bytes, whole) = self.beginning(most)?;
        if whole {
            Ok(bytes)
        } else {
            Err(Error::TooLong { most })
        }
    }

    /// Reads at most this many bytes of the body, and tells whether that is all of it.
    pub fn beginning(&mut self, most: usize) -> Result<(Vec<u8>, bool), Error> {
        let mut bytes = Vec::new();
        let limit = most as u64 + 1;
        let read = Read::by_ref(self).take(limit).read_to_end(&mut bytes);
        read.map_err(|error| Error::Failed(error.to_string()))?;
        let whole = bytes.len() <= most;
        bytes.truncate(most);
        Ok((bytes, whole))
    }

    /// Reads the body as text; what is no UTF-8 in it is replaced.
    pub fn text(&mut self, most: usize) -> Result<String, Error> {
        let bytes = self.bytes(most)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(&mut self, most: usize) -> Result<T, Error> {
        let bytes = self.bytes(most)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::Failed(format!(
                "the answer is not the JSON that it should be: {error}"
            ))
        })
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.body.read(buffer)
    }
}
