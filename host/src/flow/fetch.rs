//! Getting a document that the operator's configuration names, by the same way out as plugins' requests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};

use super::Host;
use crate::model::{Breach, Grant, HostPattern, HttpRule, LimitName, Methods, PortPattern, Scheme};
use crate::network::{Machine, NoSecrets, Outward, Oversight, SendError, Timeouts};
use crate::observe::{HttpEnd, HttpTold, SocketTold};

/// How long a document may take.
const PATIENCE: Duration = Duration::from_secs(30);

impl Host {
    /// Gets a document of at most so many bytes.
    pub(crate) async fn fetch(&self, url: &str, most: usize) -> Result<Bytes, SendError> {
        let bad = |why: String| SendError::Url { why };
        let made = Request::get(url)
            .header(http::header::ACCEPT, "application/json")
            .body(Full::default())
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
        let machine = super::host::machine(&self.settings(), Arc::new(NoSecrets))
            .map_err(|error| bad(error.to_string()))?;
        let got = exchange(machine, &grant, made, most);
        let got = tokio::time::timeout(PATIENCE, got).await;
        let (status, body) = got.map_err(|_| SendError::AnswerTimeout)??;
        if status.is_success() {
            Ok(body)
        } else {
            Err(SendError::Protocol {
                why: format!("it answered {status}"),
            })
        }
    }
}

/// Sends a request of the host's own, which may go where the grant says, and reads an answer of at most so many bytes.
pub(super) async fn exchange(
    machine: Machine,
    grant: &Grant,
    request: Request<Full<Bytes>>,
    most: usize,
) -> Result<(StatusCode, Bytes), SendError> {
    let outward = Outward::new(
        "paracle-host",
        grant,
        Arc::new(machine),
        Arc::new(Unwatched),
    );
    let answered = crate::network::send(Arc::new(outward), request, Timeouts::DEFAULT).await?;
    let (head, body) = answered.response.into_parts();
    let driver = tokio::spawn(answered.driver);
    let body = Limited::new(body, most).collect().await;
    driver.abort();
    let body = body.map_err(|error| SendError::Protocol {
        why: error.to_string(),
    })?;
    Ok((head.status, body.to_bytes()))
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
            "asked in the host's own name"
        );
    }

    /// There is none: the way out is granted to requests alone.
    fn told_socket(&self, _: &SocketTold, _: Option<&str>) {}
}
