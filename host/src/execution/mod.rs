//! The life of an execution: start, checkpoint, settle, complete, recover.
//!
//! Its state is in the repository, so every process sees the same: a branch `exec/{id}/{time}` for its work, refs under
//! `refs/paracle/executions/{id}/` that hold its record with its base, and a lock file that says whether a process has it
//! open. Nothing here touches a working tree, an index or HEAD, except a merge's refusing fast-forward.
//!
//! Does not know about plugins, policy, sandboxes or configuration files.

mod again;
mod apart;
mod checkpoint;
mod cleanup;
mod complete;
#[cfg(test)]
mod crowd_tests;
mod damaged;
#[cfg(test)]
mod end_tests;
mod error;
mod include;
mod intent;
mod landing;
mod left_out;
mod list;
mod lock;
mod log;
mod materialize;
mod members;
mod merge;
#[cfg(test)]
mod merge_tests;
mod noting;
mod onward;
mod origin;
mod receipt;
mod record;
mod recover;
mod resolve;
mod rewind;
mod said;
mod settle;
mod start;
mod step;
#[cfg(test)]
mod tests;
mod together;
mod together_end;
mod unchanged;
mod unresolved;

pub use apart::Applied;
pub use checkpoint::{Checkpoint, NewCheckpoint};
pub use cleanup::{Cleaned, CleanupOrder};
pub use complete::{Completed, Ending, HeldBack};
pub use damaged::Damaged;
pub use error::ExecutionError;
pub use include::Included;
pub use list::ExecutionDiff;
pub use materialize::Materialized;
pub use members::Part;
pub use merge::{Check, MergeOrder, MergeOutcome};
pub use origin::{Origin, Started};
pub use receipt::{receipt, settle};
pub use recover::Recovered;
pub use resolve::{Choice, Decided};
pub use rewind::Rewound;
pub use settle::{SettleError, Workbench};
pub use start::{Base, Execution, Executions};
pub use step::{DoneStep, Said};
pub use together::{Share, merge_everywhere};
pub use together_end::{complete_everywhere, is_done};
pub use unresolved::{OpenConflict, Resolution, ResolvedBy, Unresolved};
