//! Tell, never ask: where events, log lines and audit records go.
//!
//! Does not know who listens. Nothing here fails or blocks: an event that finds the queue full is counted and dropped,
//! because what must not be lost is in the commit already. Audit records are not dropped: they wait for the journal's own
//! thread.

mod journal;
mod sink;

pub use journal::{
    Claim, Fault, Head, Journal, JournalError, Keeper, Locate, Note, Verdict, Wrong, read, verify,
};
pub use sink::{Level, Listener, Sink};
