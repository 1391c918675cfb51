//! Tell, never ask: where events and log lines go.
//!
//! Does not know who listens. Nothing here fails or blocks: an event that finds the queue full is counted and dropped,
//! because what must not be lost is in the commit already. What this process knows of secrets is hidden in all of it.

mod encodings;
mod http;
mod redact;
mod redacted_stream;
mod sink;

pub use http::{HttpEnd, HttpTold, tell_http};
pub use redact::{hide, hides, redact, redact_bytes};
pub use redacted_stream::RedactedStream;
pub use sink::{Level, Listener, Sink};
