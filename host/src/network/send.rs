//! One request, from the guest to the server and back. The only way out: read, decided, looked up, decided again, connected,
//! and only then are secrets put in.

use std::error::Error as StdError;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header};
use hyper::body::Body;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::body::ResponseBody;
use super::decide;
use super::dial::dial;
use super::error::SendError;
use super::headers::hide_in_headers;
use super::outward::Outward;
use super::secret;
use super::verdict::Verdict;
use crate::model::{Grant, HostPattern, HttpRequest, HttpRule, SecretName, SecretValue};
use crate::observe::{self, HttpEnd, HttpTold};

/// The most bytes that the head of an answer may have.
const LARGEST_HEAD: usize = 64 << 10;
/// The most headers that an answer may have.
const MOST_HEADERS: usize = 128;

/// How long each part of a request may take; all of it takes no longer than its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// From the name to a connection, TLS and all.
    pub connect: Duration,
    /// From there to the head of the answer.
    pub first_byte: Duration,
    /// From each part of the body to the next.
    pub between_bytes: Duration,
}

impl Timeouts {
    /// What applies where a guest says nothing. Longer would let a dead server take all of a call's usual time; shorter breaks
    /// what is slow for a reason, such as a model that thinks before its first word.
    pub const DEFAULT: Self = Self {
        connect: Duration::from_secs(10),
        first_byte: Duration::from_secs(30),
        between_bytes: Duration::from_secs(30),
    };

    /// Takes what a guest asks for instead. It can make them shorter; a silence of the server longer only where its call has
    /// longer, by the operator's word.
    #[must_use]
    pub fn asked(
        self,
        connect: Option<Duration>,
        first_byte: Option<Duration>,
        between_bytes: Option<Duration>,
        call: Duration,
    ) -> Self {
        let up_to = |own: Duration, most: Duration, asked: Option<Duration>| {
            asked.map_or(own, |asked| asked.min(most))
        };
        let silence = |own: Duration, asked| up_to(own, own.max(call), asked);
        Self {
            connect: up_to(self.connect, self.connect, connect),
            first_byte: silence(self.first_byte, first_byte),
            between_bytes: silence(self.between_bytes, between_bytes),
        }
    }
}

/// An answer whose body is still to come.
pub struct Answered {
    /// Its head, and its body as it comes.
    pub response: Response<ResponseBody>,
    /// Carries the connection; it has to be polled for the body to come.
    pub driver: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Sends a request in the name of a call.
pub async fn send<B>(
    outward: Arc<Outward>,
    request: Request<B>,
    timeouts: Timeouts,
) -> Result<Answered, SendError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    // The host's own comes later, from the URL.
    parts.headers.remove(header::HOST);
    let wanted = decide::read(&parts);
    let told = told(&outward, &parts, wanted.as_ref().ok());
    let ended = outward.ended().clone();
    let sent = async {
        outward.account.request().map_err(|_| SendError::Limit)?;
        let request = wanted?;
        exchange(
            &outward,
            &request,
            Request::from_parts(parts, body),
            timeouts,
        )
        .await
    };
    let sent = tokio::select! {
        biased;
        () = ended.cancelled() => Err(SendError::Ended),
        sent = sent => sent,
    };
    let sent = sent.map_err(|error| {
        if outward.account.is_over() {
            SendError::Limit
        } else {
            error
        }
    });
    let end = match &sent {
        Ok(answered) => HttpEnd::Answered(answered.response.status().as_u16()),
        Err(error) if error.is_refusal() => HttpEnd::Refused(error.to_string()),
        Err(error) => HttpEnd::Failed(error.to_string()),
    };
    outward.oversight.told(&told, &end);
    sent
}

async fn exchange<B>(
    outward: &Arc<Outward>,
    request: &HttpRequest,
    mut sent: Request<B>,
    timeouts: Timeouts,
) -> Result<Answered, SendError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let names = secret::named(sent.headers())?;
    let need = needed(outward, request, &names);
    if !need.is_empty() {
        outward.refuse(need);
        return Err(SendError::Denied);
    }
    let permit = outward.open()?;
    let connecting = async {
        let addresses = look_up(outward, request).await?;
        if !names.is_empty()
            && !addresses
                .iter()
                .all(|&to| secret::carried_safely(request, to))
        {
            return Err(SendError::Secret {
                why: "a secret goes over https only, or to this machine itself".to_owned(),
            });
        }
        decide_addresses(outward, request, &addresses)?;
        let values = values(outward, &names).await?;
        let (stream, _) = dial(outward, request, &addresses).await?;
        Ok((stream, values))
    };
    let (stream, values) = tokio::time::timeout(timeouts.connect, connecting)
        .await
        .map_err(|_| SendError::ConnectTimeout)??;

    let guarded = !outward.grant.secrets.is_empty();
    prepare(&mut sent, request, guarded)?;
    secret::fill(sent.headers_mut(), &values)?;
    drop(values);
    let protocol = |error: hyper::Error| SendError::Protocol {
        why: error.to_string(),
    };
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(protocol)?;
    let mut connection = Box::pin(connection);
    let mut open = true;
    let answer = tokio::time::timeout(timeouts.first_byte, async {
        let mut answer = std::pin::pin!(sender.send_request(sent));
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            // Whatever ended it, the answer knows.
            _ = &mut connection => open = false,
        }
        answer.await
    });
    let answer = answer.await.map_err(|_| SendError::AnswerTimeout)?;
    let (mut head, incoming) = answer.map_err(protocol)?.into_parts();
    check_encoding(&head.headers, guarded)?;
    hide_in_headers(&mut head.headers);
    if observe::hides() {
        // A mark has another length than what it stands for.
        head.headers.remove(header::CONTENT_LENGTH);
    }
    let ended = outward.ended().clone();
    Ok(Answered {
        response: Response::from_parts(
            head,
            ResponseBody::new(incoming, timeouts.between_bytes, outward),
        ),
        driver: Box::pin(async move {
            let _permit = permit;
            // It ends with the call, though the guest keeps the answer; what failed, the body says.
            tokio::select! {
                () = ended.cancelled() => {}
                _ = connection, if open => {}
            }
        }),
    })
}

/// Returns what is missing before any address is looked up: the rule, and a grant of each secret towards the host.
fn needed(outward: &Outward, request: &HttpRequest, names: &[SecretName]) -> Grant {
    let granted = outward
        .grant
        .network
        .iter()
        .any(|rule| rule.covers(request));
    Grant {
        network: if granted {
            Vec::new()
        } else {
            vec![request.rule()]
        },
        secrets: names
            .iter()
            .filter(|name| !secret::may_go(&outward.grant.secrets, name, request))
            .map(|name| secret::need(name, &request.host))
            .collect(),
        ..Grant::default()
    }
}

/// Looks the host up: once, and never for a request that no rule covers.
async fn look_up(outward: &Outward, request: &HttpRequest) -> Result<Vec<IpAddr>, SendError> {
    let name = match &request.host {
        HostPattern::Address(address) => return Ok(vec![*address]),
        HostPattern::Name(name) => name,
        HostPattern::Any | HostPattern::Below(_) => return Err(SendError::Denied),
    };
    let failed = |why: String| SendError::Lookup {
        host: name.clone(),
        why,
    };
    let found = outward.machine.resolver.resolve(name).await;
    let found = found.map_err(|error| failed(error.to_string()))?;
    if found.is_empty() {
        return Err(failed("nothing is known of it".to_owned()));
    }
    Ok(found)
}

fn decide_addresses(
    outward: &Outward,
    request: &HttpRequest,
    addresses: &[IpAddr],
) -> Result<(), SendError> {
    match decide::addresses(&outward.grant.network, request, addresses) {
        Verdict::Allowed => Ok(()),
        Verdict::Needs(rule) => {
            outward.refuse(need_of(rule));
            Err(SendError::Denied)
        }
        Verdict::Prohibited => Err(SendError::Prohibited {
            host: request.host.to_string(),
        }),
    }
}

fn need_of(rule: HttpRule) -> Grant {
    Grant {
        network: vec![rule],
        ..Grant::default()
    }
}

/// Returns the values of the secrets that a request names. All that the call may send are read, to be hidden.
async fn values(
    outward: &Outward,
    names: &[SecretName],
) -> Result<Vec<(SecretName, SecretValue)>, SendError> {
    let mut values = Vec::new();
    for (name, value) in outward.secrets().await {
        match value {
            Ok(value) => values.push((name.clone(), value.clone())),
            Err(error) if names.contains(name) => {
                tracing::warn!(plugin = %outward.plugin, "{error}");
                return Err(SendError::Secret {
                    why: format!("the secret {name} cannot be read; the host's log says why"),
                });
            }
            Err(_) => {}
        }
    }
    Ok(values)
}

/// Makes the request what goes over a connection of its own: the path alone, the host from the URL.
fn prepare<B>(
    sent: &mut Request<B>,
    request: &HttpRequest,
    guarded: bool,
) -> Result<(), SendError> {
    let url = |why: String| SendError::Url { why };
    let path = sent
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let path = if path.starts_with('?') {
        format!("/{path}")
    } else {
        path.to_owned()
    };
    *sent.uri_mut() = path
        .parse::<Uri>()
        .map_err(|error| url(error.to_string()))?;
    let host = if request.port == request.scheme.port() {
        request.host.to_string()
    } else {
        format!("{}:{}", request.host, request.port)
    };
    let host = HeaderValue::from_str(&host).map_err(|error| url(error.to_string()))?;
    let headers = sent.headers_mut();
    headers.insert(header::HOST, host);
    if guarded {
        // What is compressed or cut into pieces cannot be looked through for secrets.
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        headers.remove(header::RANGE);
    }
    Ok(())
}

fn check_encoding(headers: &HeaderMap, guarded: bool) -> Result<(), SendError> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    match encodings.find(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        Some(encoding) if guarded => Err(SendError::Encoding {
            encoding: String::from_utf8_lossy(encoding.as_bytes()).into_owned(),
        }),
        _ => Ok(()),
    }
}

/// Returns what is told of a request. One that cannot be read is told as far as it can.
fn told(outward: &Outward, parts: &http::request::Parts, wanted: Option<&HttpRequest>) -> HttpTold {
    let scheme = match parts.uri.scheme_str() {
        Some("http") => "http",
        _ => "https",
    };
    HttpTold {
        plugin: outward.plugin.clone(),
        method: parts.method.to_string(),
        scheme,
        host: wanted.map_or_else(
            || parts.uri.host().unwrap_or_default().to_owned(),
            |wanted| wanted.host.to_string(),
        ),
        port: wanted.map_or_else(
            || parts.uri.port_u16().unwrap_or_default(),
            |wanted| wanted.port,
        ),
        path: parts.uri.path().to_owned(),
    }
}
