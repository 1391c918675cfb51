//! The body of an answer, as a guest may see it: in time, within the call, and without secrets.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, Incoming};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::account::NetworkAccount;
use super::error::SendError;
use super::headers::hide_in_headers;
use super::outward::Outward;
use crate::observe::RedactedStream;

/// The body of an answer.
pub struct ResponseBody {
    incoming: Incoming,
    pause: Duration,
    patience: Pin<Box<Sleep>>,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
    account: Arc<NetworkAccount>,
    redacted: RedactedStream,
    /// What comes behind the last data.
    trailers: Option<HeaderMap>,
    done: bool,
}

impl ResponseBody {
    pub(super) fn new(incoming: Incoming, pause: Duration, outward: &Outward) -> Self {
        Self {
            incoming,
            pause,
            patience: Box::pin(tokio::time::sleep(pause)),
            ended: Box::pin(outward.ended().clone().cancelled_owned()),
            account: outward.account.clone(),
            redacted: RedactedStream::new(),
            trailers: None,
            done: false,
        }
    }

    fn failed(&mut self, error: SendError) -> Poll<Option<Result<Frame<Bytes>, SendError>>> {
        self.done = true;
        Poll::Ready(Some(Err(error)))
    }

    fn data(bytes: Vec<u8>) -> Poll<Option<Result<Frame<Bytes>, SendError>>> {
        Poll::Ready(Some(Ok(Frame::data(bytes.into()))))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = SendError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SendError>>> {
        if self.ended.as_mut().poll(cx).is_ready() {
            return self.failed(SendError::Ended);
        }
        loop {
            if self.done {
                let trailers = self.trailers.take();
                return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
            }
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Pending => {
                    if self.patience.as_mut().poll(cx).is_ready() {
                        return self.failed(SendError::BodyTimeout);
                    }
                    return Poll::Pending;
                }
                Poll::Ready(None) => {
                    self.done = true;
                    let rest = self.redacted.end();
                    if !rest.is_empty() {
                        return Self::data(rest);
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    let error = if self.account.is_over() {
                        SendError::Limit
                    } else {
                        SendError::Protocol {
                            why: error.to_string(),
                        }
                    };
                    return self.failed(error);
                }
                Poll::Ready(Some(Ok(frame))) => {
                    let next = Instant::now() + self.pause;
                    self.patience.as_mut().reset(next);
                    match frame.into_data() {
                        Ok(data) => {
                            let told = self.redacted.push(&data);
                            // All of it may be the beginning of a secret.
                            if !told.is_empty() {
                                return Self::data(told);
                            }
                        }
                        Err(frame) => {
                            let Ok(mut trailers) = frame.into_trailers() else {
                                continue;
                            };
                            hide_in_headers(&mut trailers);
                            self.trailers = Some(trailers);
                        }
                    }
                }
            }
        }
    }
}
