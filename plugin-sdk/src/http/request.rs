//! A request, as a plugin writes it.

use super::{Error, Response, wire};
use serde::Serialize;
use std::time::Duration;

/// A request that is still to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) timeout: Option<Duration>,
}

/// Gets what a URL leads to.
pub fn get(url: &str) -> Result<Response, Error> {
    Request::get(url).send()
}

impl Request {
    /// Makes a request with any method, in upper case.
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            timeout: None,
        }
    }

    /// Makes a request that reads.
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// Makes a request that brings something.
    pub fn post(url: &str) -> Self {
        Self::new("POST", url)
    }

    /// Adds a header. `host`, `connection` and others that frame or route a message are the host's to set.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets what it brings.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets what it brings, as JSON, and says so in `content-type`.
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        // What cannot be written as JSON is a mistake of the plugin's author, and an empty body tells it soonest.
        let body = serde_json::to_vec(value).unwrap_or_default();
        self.header("content-type", "application/json").body(body)
    }

    /// Waits no longer than this for a connection, for the answer to begin, and for each part of it. The host's own limits hold
    /// where nothing is said: this makes a silence of the server longer only as far as the call has the time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends it and waits for the head of the answer.
    pub fn send(&self) -> Result<Response, Error> {
        wire::send(self)
    }
}
