//! Getting a document that the operator's configuration names, by the same way out as plugins' requests.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty, Limited};

use super::Host;
use crate::model::{Breach, Grant, HostPattern, HttpRule, LimitName, Methods, PortPattern, Scheme};
use crate::network::{NoSecrets, Outward, Oversight, SendError, Timeouts};
use crate::observe::{HttpEnd, HttpTold, SocketTold};

impl Host {
    /// Gets a document of at most so many bytes.
    pub(crate) async fn fetch(&self, url: &str, most: usize) -> Result<Bytes, SendError> {
        let bad = |why: String| SendError::Url { why };
        let made = Request::get(url)
            .header(http::header::ACCEPT, "application/json")
            .body(Empty::new())
            .map_err(|error| bad(error.to_string()))?;
        let host = made.uri().host().unwrap_or_default().to_owned();
        let host: HostPattern = host
            .parse()
            .map_err(|error: crate::model::InvalidName| bad(error.to_string()))?;
        let (scheme, usual) = match made.uri().scheme_str() {
            Some("http") => (Scheme::Http, 80),
            _ => (Scheme::Https, 443),
        };
        let port = made.uri().port_u16().unwrap_or(usual);
        let rule = HttpRule {
            methods: Methods::Only(vec!["GET".to_owned()]),
            scheme,
            host,
            port: PortPattern::One(port),
            path: "/".to_owned(),
            // A company's own servers are in its own network: the operator names them.
            private: true,
        };
        let grant = Grant {
            network: vec![rule],
            ..Grant::default()
        };
        let machine = super::host::machine(self.settings(), Arc::new(NoSecrets))
            .map_err(|error| bad(error.to_string()))?;
        let outward = Outward::new(
            "paracle-host",
            &grant,
            Arc::new(machine),
            Arc::new(Unwatched),
        );
        let answered = crate::network::send(Arc::new(outward), made, Timeouts::DEFAULT).await?;
        let (head, body) = answered.response.into_parts();
        let driver = tokio::spawn(answered.driver);
        let body = Limited::new(body, most).collect();
        let body = tokio::time::timeout(Timeouts::DEFAULT.first_byte, body).await;
        driver.abort();
        let protocol = |why: String| SendError::Protocol { why };
        if !head.status.is_success() {
            return Err(protocol(format!("it answered {}", head.status)));
        }
        match body {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) => Err(protocol(error.to_string())),
            Err(_) => Err(SendError::AnswerTimeout),
        }
    }
}

/// The host's own request has no limits but its own, and goes into no plugin's record.
struct Unwatched;

impl Oversight for Unwatched {
    fn count(&self, _: LimitName, _: u64) -> Result<(), Breach> {
        Ok(())
    }

    fn refused(&self, _: Grant) {}

    fn told(&self, request: &HttpTold, end: &HttpEnd) {
        tracing::debug!(
            host = request.host,
            path = request.path,
            ?end,
            "asked for a document"
        );
    }

    /// There is none: the way out is granted to requests alone.
    fn told_socket(&self, _: &SocketTold, _: Option<&str>) {}
}
