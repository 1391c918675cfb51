//! The audit journal: what happened, as lines of JSON that are only ever added to.
//!
//! Each record names the hash of the one before, and says by the person's key that this host wrote it; an anchor beside the
//! journal names its last record. What is long enough is closed and followed by another segment, and the chain goes on through
//! all. `docs/audit.md` is the format, and what it shows and what not.

mod anchor;
mod append;
mod claim;
mod error;
mod files;
mod inspect;
mod keeper;
mod line;
mod read;
mod verdict;

pub use append::Journal;
pub use claim::Claim;
pub use error::JournalError;
pub use inspect::verify;
pub use keeper::{Keeper, Locate};
pub use line::Head;
pub use read::read;
pub use verdict::{Fault, Note, Place, Verdict, Wrong};
