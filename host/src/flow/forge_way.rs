//! The way out to a forge: that of plugins, granted to one request with one token.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};

use crate::forge::{self, ApiRequest};
use crate::model::{
    Breach, Grant, HostPattern, HttpRule, LimitName, Methods, Place, PortPattern, SecretName,
    SecretRule, SecretValue,
};
use crate::network::{Machine, Outward, Oversight, SecretError, Secrets, SendError, Timeouts};
use crate::observe::{HttpEnd, HttpTold, SocketTold};

/// More than any forge answers.
const LARGEST: usize = 4 << 20;

/// Sends a request to a forge.
pub(super) async fn send(
    request: &ApiRequest,
    place: &Place,
    machine: Machine,
) -> Result<(u16, Bytes), SendError> {
    let url = |error: String| SendError::Url { why: error };
    let mut made = Request::builder().method(request.method).uri(&request.url);
    for (name, value) in &request.headers {
        made = made.header(*name, value);
    }
    let body = Full::new(Bytes::from(request.body.to_string()));
    let made = made.body(body).map_err(|error| url(error.to_string()))?;
    let host = made.uri().host().unwrap_or(&place.host).to_owned();
    let host: HostPattern = host
        .parse()
        .map_err(|error: crate::model::InvalidName| url(error.to_string()))?;
    let name: SecretName = forge::TOKEN
        .parse()
        .map_err(|error: crate::model::InvalidName| url(error.to_string()))?;
    let grant = Grant {
        network: vec![HttpRule {
            methods: Methods::Only(vec![request.method.to_owned()]),
            scheme: place.scheme,
            host: host.clone(),
            port: place.port.map_or(PortPattern::Usual, PortPattern::One),
            path: "/".to_owned(),
            // A company's forge is in its own network: the person's remote names it.
            private: true,
        }],
        secrets: vec![SecretRule {
            name,
            hosts: vec![host],
        }],
        ..Grant::default()
    };
    let outward = Outward::new(
        "paracle-host",
        &grant,
        Arc::new(machine),
        Arc::new(Unwatched),
    );
    let answered = crate::network::send(Arc::new(outward), made, Timeouts::DEFAULT).await?;
    let (head, body) = answered.response.into_parts();
    let driver = tokio::spawn(answered.driver);
    let body = Limited::new(body, LARGEST).collect().await;
    driver.abort();
    let body = body.map_err(|error| SendError::Protocol {
        why: error.to_string(),
    })?;
    Ok((head.status.as_u16(), body.to_bytes()))
}

/// A vault with the one token.
pub(super) struct OneToken(pub(super) SecretValue);

impl Secrets for OneToken {
    fn read(&self, _: &SecretName) -> Result<SecretValue, SecretError> {
        Ok(self.0.clone())
    }
}

/// The person's own request has no limits but its own, and goes into no plugin's record.
struct Unwatched;

impl Oversight for Unwatched {
    fn count(&self, _: LimitName, _: u64) -> Result<(), Breach> {
        Ok(())
    }

    fn refused(&self, _: Grant) {}

    fn told(&self, request: &HttpTold, end: &HttpEnd) {
        tracing::debug!(
            method = request.method,
            host = request.host,
            path = request.path,
            ?end,
            "asked the forge"
        );
    }

    /// There is none: the way out is granted to requests alone.
    fn told_socket(&self, _: &SocketTold, _: Option<&str>) {}
}
