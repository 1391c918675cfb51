//! Answers that are the gate's own.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, SizeHint};

use crate::mcp::failure;

/// An answer.
pub(super) type Reply = Response<BoxBody<Bytes, Infallible>>;

/// Makes an answer that is a text.
pub(super) fn text(status: StatusCode, text: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(text.into()).boxed());
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

/// Makes an answer that is JSON.
pub(super) fn json(json: &str) -> Reply {
    let mut reply = text(StatusCode::OK, json.to_owned());
    let kind = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

/// Holds what a closure holds until the last of an answer is sent, and calls it with each part.
pub(super) fn hold(reply: Reply, each: impl Fn() + Send + Sync + 'static) -> Reply {
    reply.map(|body| {
        let each = Box::new(each);
        Held { body, each }.boxed()
    })
}

/// An answer's body that holds something. Its length stays known.
struct Held {
    body: BoxBody<Bytes, Infallible>,
    each: Box<dyn Fn() + Send + Sync>,
}

impl Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            (self.each)();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Puts other words in the place of an error's, which the library answers with a method's name alone.
pub(super) async fn reworded(reply: Reply, method: &str) -> Reply {
    let Some(said) = failure::instead(method) else {
        return reply;
    };
    let (mut parts, body) = reply.into_parts();
    let Ok(body) = body.collect().await;
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    // Neither has anything in it that JSON writes otherwise.
    let message = |words: &str| format!("\"message\":\"{words}\"");
    let text = text.replace(&message(method), &message(&said));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Full::new(Bytes::from(text)).boxed())
}

/// Makes the answer to who has to come back later.
pub(super) fn later(status: StatusCode, seconds: u64, why: &'static str) -> Reply {
    let mut reply = text(status, why);
    reply
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    reply
}
