//! Tell, never ask: where events and log lines go.
//!
//! Does not know who listens. Nothing here fails or blocks: an event that finds the queue full is counted and dropped,
//! because what must not be lost is in the commit already.

mod sink;

pub use sink::{Level, Listener, Sink};
