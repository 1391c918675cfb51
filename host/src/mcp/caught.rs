//! Work whose panic is an answer, where it is: on no task of its own.
//!
//! Each task more that a request goes through may wake another thread, which costs more than a guest's whole call.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

/// It panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it panicked")]
pub(super) struct Panicked;

/// Does work to its end or its panic.
pub(super) fn caught<T>(
    work: impl Future<Output = T>,
) -> impl Future<Output = Result<T, Panicked>> {
    // Boxed: it is large, and would be moved with each future around it.
    let mut work = Box::pin(work);
    poll_fn(move |context| {
        // What a panic left half done goes with the work.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or(Poll::Ready(Err(Panicked)), |polled| polled.map(Ok))
    })
}
