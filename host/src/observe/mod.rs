//! Tell, never ask: where events, log lines and audit records go.
//!
//! Does not know who listens. Nothing here fails or blocks: an event that finds the queue full is counted and dropped,
//! because what must not be lost is in the commit already. Audit records are not dropped: they wait for the journal's own
//! thread. What this process knows of secrets is hidden in all of it.

mod http;
mod journal;
mod redact;
mod sink;
mod socket;

pub use http::{HttpEnd, HttpTold};
pub use journal::{
    Claim, Fault, Head, Journal, JournalError, Keeper, Locate, Note, Place, Verdict, Wrong, read,
    verify,
};
pub use redact::{RedactedStream, hide, hides, redact, redact_bytes, tells};
pub use sink::{Level, Listener, Message, Sink};
pub use socket::SocketTold;
