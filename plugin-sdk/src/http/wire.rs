//! `wasi:http`, as far as a client needs it.

use super::{Error, Request, Response, url};
use std::io::{self, Read};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, HeaderError, IncomingBody, IncomingResponse, Method,
    OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::{InputStream, StreamError};

/// What one write of a stream takes at most.
const WRITE: usize = 4096;

/// Whether there is a host to send anything.
const HOSTED: bool = cfg!(target_arch = "wasm32");

/// The body of an answer. The fields are dropped in this order, which the resources need.
#[derive(Debug)]
pub(super) struct Body {
    stream: Option<InputStream>,
    _source: IncomingBody,
    _response: IncomingResponse,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = self.stream.as_ref().filter(|_| !buffer.is_empty()) else {
            return Ok(0);
        };
        loop {
            match stream.blocking_read(buffer.len() as u64) {
                // A read that brought nothing is no end.
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => {
                    buffer[..bytes.len()].copy_from_slice(&bytes);
                    return Ok(bytes.len());
                }
                Err(StreamError::Closed) => return Ok(0),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(io::Error::other(error.to_debug_string()));
                }
            }
        }
    }
}

pub(super) fn send(request: &Request) -> Result<Response, Error> {
    let parts = url::parts(&request.url)?;
    if !HOSTED {
        let capability = crate::plugin::Capability::NetworkAccess;
        return Err(Error::Denied(crate::plugin::Denied::no_host(capability)));
    }
    let fields = Fields::new();
    for (name, value) in &request.headers {
        append(&fields, name, value)?;
    }
    if let Some(body) = &request.body {
        append(&fields, "content-length", &body.len().to_string())?;
    }
    let outgoing = OutgoingRequest::new(fields);
    let unusable = |what: &str| Error::Url(format!("{what} of {} cannot be used", request.url));
    outgoing
        .set_method(&method(&request.method))
        .map_err(|()| Error::Failed(format!("there is no method {}", request.method)))?;
    let scheme = if parts.https {
        Scheme::Https
    } else {
        Scheme::Http
    };
    outgoing
        .set_scheme(Some(&scheme))
        .map_err(|()| unusable("the scheme"))?;
    outgoing
        .set_authority(Some(parts.authority))
        .map_err(|()| unusable("the host"))?;
    outgoing
        .set_path_with_query(Some(parts.path))
        .map_err(|()| unusable("the path"))?;
    let body = match &request.body {
        Some(_) => Some(
            outgoing
                .body()
                .map_err(|()| Error::Failed("it has no body".into()))?,
        ),
        None => None,
    };
    let answer = outgoing_handler::handle(outgoing, options(request))
        .map_err(|code| said(&code, parts.authority))?;
    if let (Some(outgoing), Some(bytes)) = (body, &request.body) {
        // Whatever ends it early, the answer says why.
        write(outgoing, bytes).unwrap_or_default();
    }
    let response = wait(&answer)?.map_err(|code| said(&code, parts.authority))?;
    let headers = response.headers().entries().into_iter();
    let headers = headers.map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()));
    let body = response
        .consume()
        .map_err(|()| Error::Failed("the answer has no body".into()))?;
    Ok(Response {
        status: response.status(),
        headers: headers.collect(),
        url: request.url.clone(),
        body: Body {
            stream: body.stream().ok(),
            _source: body,
            _response: response,
        },
    })
}

fn append(fields: &Fields, name: &str, value: &str) -> Result<(), Error> {
    fields.append(name, value.as_bytes()).map_err(|error| {
        Error::Header(match error {
            HeaderError::InvalidSyntax => {
                format!("`{name}` or its value has characters that no header has")
            }
            HeaderError::Forbidden => format!("`{name}` is the host's to set"),
            HeaderError::Immutable => format!("`{name}` comes too late"),
        })
    })
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn options(request: &Request) -> Option<RequestOptions> {
    let nanoseconds = u64::try_from(request.timeout?.as_nanos()).ok()?;
    let options = RequestOptions::new();
    // A host that does not take one has a limit of its own.
    options
        .set_connect_timeout(Some(nanoseconds))
        .unwrap_or_default();
    options
        .set_first_byte_timeout(Some(nanoseconds))
        .unwrap_or_default();
    options
        .set_between_bytes_timeout(Some(nanoseconds))
        .unwrap_or_default();
    Some(options)
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), StreamError> {
    if let Ok(stream) = body.write() {
        for part in bytes.chunks(WRITE) {
            stream.blocking_write_and_flush(part)?;
        }
    }
    OutgoingBody::finish(body, None).map_err(|_| StreamError::Closed)
}

fn wait(answer: &FutureIncomingResponse) -> Result<Result<IncomingResponse, ErrorCode>, Error> {
    answer.subscribe().block();
    match answer.get() {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(())) | None => Err(Error::Failed("the host has no answer".into())),
    }
}

fn said(code: &ErrorCode, authority: &str) -> Error {
    match code {
        ErrorCode::HttpRequestDenied => Error::denied(authority),
        ErrorCode::DestinationIpProhibited => Error::Url(format!(
            "{authority} leads to an address that no name may lead to; the address itself has to be granted and used"
        )),
        ErrorCode::HttpRequestUriInvalid => {
            Error::Url(format!("{authority} is not in a usual form"))
        }
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout => {
            Error::Unreachable(format!("{authority} is nobody's name"))
        }
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => Error::Unreachable(authority.to_owned()),
        ErrorCode::TlsCertificateError
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsAlertReceived(_) => Error::Tls(authority.to_owned()),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => Error::Timeout(authority.to_owned()),
        ErrorCode::InternalError(Some(why)) => Error::Failed(why.clone()),
        other => Error::Failed(format!("{authority}: {other}")),
    }
}
