//! `wasi:http` as it is, without the SDK's manners.

use paracle_plugin_sdk::prelude::*;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::{InputStream, StreamError};

use super::Request;

/// What came of a request.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Came {
    /// What failed, in the host's words.
    pub(super) error: Option<String>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// The headers and the body backwards, which hides from the host what the guest saw.
    pub(super) backwards: String,
    pub(super) length: usize,
    /// Answers that were held open.
    pub(super) held: usize,
}

/// An answer whose body was not read. Dropped in this order.
pub(super) struct Answer {
    stream: InputStream,
    _body: IncomingBody,
    response: IncomingResponse,
}

fn failed(error: impl std::fmt::Debug) -> Came {
    Came {
        error: Some(format!("{error:?}")),
        ..Came::default()
    }
}

pub(super) fn send(wanted: &Request) -> Came {
    let answer = match begin(wanted) {
        Ok(answer) => answer,
        Err(failed) => return failed,
    };
    let headers = answer.response.headers().entries();
    let mut came = Came {
        status: answer.response.status(),
        headers: headers
            .into_iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
            .collect(),
        ..Came::default()
    };
    let mut bytes = Vec::new();
    loop {
        match answer.stream.blocking_read(64 << 10) {
            Ok(part) => {
                came.length += part.len();
                bytes.extend(part);
                // What is endless is counted and not kept.
                bytes.truncate(1 << 20);
            }
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                came.error = Some(error.to_debug_string());
                break;
            }
        }
    }
    came.body = String::from_utf8_lossy(&bytes).into_owned();
    if came.body.len() < 10_000 {
        let all = format!("{:?} {}", came.headers, came.body);
        came.backwards = all.chars().rev().collect();
    }
    came
}

pub(super) fn begin(wanted: &Request) -> Result<Answer, Came> {
    let fields = Fields::new();
    for (name, value) in &wanted.headers {
        fields.append(name, value.as_bytes()).map_err(failed)?;
    }
    let request = OutgoingRequest::new(fields);
    let method = match wanted.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        "TRACE" => Method::Trace,
        other => Method::Other(other.to_owned()),
    };
    request.set_method(&method).map_err(|()| failed("method"))?;
    let scheme = match wanted.scheme.as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    request
        .set_scheme(Some(&scheme))
        .map_err(|()| failed("scheme"))?;
    request
        .set_authority(Some(&wanted.authority))
        .map_err(|()| failed("authority"))?;
    request
        .set_path_with_query(Some(&wanted.path))
        .map_err(|()| failed("path"))?;
    let options = RequestOptions::new();
    if let Some(ms) = wanted.timeout {
        let ns = Some(ms * 1_000_000);
        options
            .set_connect_timeout(ns)
            .map_err(|()| failed("timeout"))?;
        options
            .set_first_byte_timeout(ns)
            .map_err(|()| failed("timeout"))?;
        options
            .set_between_bytes_timeout(ns)
            .map_err(|()| failed("timeout"))?;
    }
    let body = wanted.body.as_ref().map(|bytes| (request.body(), bytes));
    let answer = outgoing_handler::handle(request, Some(options)).map_err(failed)?;
    if let Some((body, bytes)) = body {
        let body = body.map_err(|()| failed("body"))?;
        let stream = body.write().map_err(|()| failed("body"))?;
        let mut whole = true;
        for part in bytes.as_bytes().chunks(4096) {
            whole &= stream.blocking_write_and_flush(part).is_ok();
        }
        drop(stream);
        if whole {
            OutgoingBody::finish(body, None).map_err(failed)?;
        }
    }
    answer.subscribe().block();
    let response: Result<IncomingResponse, ErrorCode> = match answer.get() {
        Some(Ok(response)) => response,
        other => return Err(failed(other)),
    };
    let response = response.map_err(failed)?;
    let body = response.consume().map_err(|()| failed("consume"))?;
    Ok(Answer {
        stream: body.stream().map_err(|()| failed("stream"))?,
        _body: body,
        response,
    })
}
