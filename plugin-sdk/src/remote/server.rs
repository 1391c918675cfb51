//! A server that answers for models.

use super::Refusal;
use crate::chat::ChatError;
use crate::host::secrets;
use crate::http::{Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Bytes of an answer that are read: more than any model writes.
const MOST_BYTES: usize = 16 << 20;

/// A server that answers for models: where it is, and what every request to it carries.
#[derive(Debug, Clone)]
pub struct Server {
    base: String,
    headers: Vec<(String, String)>,
    key: Option<String>,
    timeout: Option<Duration>,
}

impl Server {
    /// Takes the URL that all paths begin with; an error says what is wrong with it.
    pub fn new(base: &str) -> Result<Self, String> {
        let base = base.trim().trim_end_matches('/');
        let rest = ["https://", "http://"].iter().find_map(|scheme| {
            let start = base.get(..scheme.len())?;
            start
                .eq_ignore_ascii_case(scheme)
                .then(|| &base[scheme.len()..])
        });
        match rest {
            None | Some("") => {
                Err("it has to begin with `https://` or `http://` and a host".into())
            }
            Some(rest) if rest.contains(['?', '#', '@', ' ']) => Err(
                "it is a scheme, a host, and a path at most; a key belongs into a secret".into(),
            ),
            Some(_) => Ok(Self {
                base: base.to_owned(),
                headers: Vec::new(),
                key: None,
                timeout: None,
            }),
        }
    }

    /// Adds a header to every request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends a secret, by its name, in a header of every request; none where no name is given.
    #[must_use]
    pub fn key(mut self, header: &str, before: &str, name: Option<&str>) -> Self {
        self.key = name.map(str::to_owned);
        match name {
            Some(name) => self.header(header, &format!("{before}{}", secrets::placeholder(name))),
            None => self,
        }
    }

    /// Waits this long for an answer to begin, and for each part of it, as far as the host lets it.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Gets what is at a path; `model` is what it is about, if anything.
    pub fn get(&self, path: &str, model: &str) -> Result<Response, ChatError> {
        self.send(Request::get(&format!("{}{path}", self.base)), model)
    }

    /// Posts JSON to a path; `model` is what is asked.
    pub fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        model: &str,
    ) -> Result<Response, ChatError> {
        let request = Request::post(&format!("{}{path}", self.base));
        self.send(request.json(body), model)
    }

    /// Reads a whole answer as JSON.
    pub fn read<T: DeserializeOwned>(&self, response: &mut Response) -> Result<T, ChatError> {
        Ok(response.json(MOST_BYTES)?)
    }

    /// Returns the error that a refusal of this server is.
    pub fn refused(&self, refusal: &Refusal, model: &str) -> ChatError {
        refusal.error(model, self.key.as_deref())
    }

    fn send(&self, mut request: Request, model: &str) -> Result<Response, ChatError> {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(timeout) = self.timeout {
            request = request.timeout(timeout);
        }
        let mut response = request.send()?;
        if response.is_ok() {
            return Ok(response);
        }
        Err(self.refused(&Refusal::of(&mut response), model))
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_scheme_a_host_and_a_path() {
        for good in [
            "https://a.b/v1/",
            "HTTP://127.0.0.1:11434",
            " http://[::1]:8000/v1 ",
        ] {
            assert!(Server::new(good).is_ok(), "{good}");
        }
        assert_eq!(
            Server::new("https://a.b/v1//").unwrap().base,
            "https://a.b/v1"
        );
        let bad = [
            "",
            "a.b",
            "ftp://a.b",
            "https://",
            "https:///",
            "https://a.b?key=x",
            "https://me:pw@a.b",
            "häää",
        ];
        for bad in bad {
            assert!(Server::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_is_sent_by_its_name_alone() {
        let server = Server::new("https://a.b").unwrap();
        let with = server
            .clone()
            .key("authorization", "Bearer ", Some("MY_KEY"));
        let header = (
            "authorization".to_owned(),
            "Bearer {{secret:MY_KEY}}".to_owned(),
        );
        assert_eq!(with.headers, [header]);
        assert!(
            server
                .key("authorization", "Bearer ", None)
                .headers
                .is_empty()
        );
    }
}
