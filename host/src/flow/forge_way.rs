//! The way out to a forge: that of plugins, granted to one request with one token.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use super::fetch::exchange;
use crate::forge::{self, ApiRequest};
use crate::model::{
    Grant, HostPattern, HttpRule, Methods, Place, PortPattern, SecretName, SecretRule, SecretValue,
};
use crate::network::{Machine, SecretError, Secrets, SendError};

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
    let (status, body) = exchange(machine, &grant, made, LARGEST).await?;
    Ok((status.as_u16(), body))
}

/// A vault with the one token.
pub(super) struct OneToken(pub(super) SecretValue);

impl Secrets for OneToken {
    fn read(&self, _: &SecretName) -> Result<SecretValue, SecretError> {
        Ok(self.0.clone())
    }
}
