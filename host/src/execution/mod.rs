//! The life of an execution: start, checkpoint, settle, complete, recover.
//!
//! Its state is in the repository, so every process sees the same: a branch `exec/{id}/{time}` for its work, refs under
//! `refs/paracle/executions/{id}/` that pin its base and hold its record, and a lock file that says whether a process has it
//! open. Nothing here touches a working tree, an index or HEAD, except a merge's refusing fast-forward.
//!
//! Does not know about plugins, policy, sandboxes or configuration files.

mod checkpoint;
mod cleanup;
mod complete;
#[cfg(test)]
mod end_tests;
mod error;
mod landing;
mod left_out;
mod list;
mod lock;
mod merge;
#[cfg(test)]
mod merge_tests;
mod record;
mod resolve;
mod settle;
mod start;
#[cfg(test)]
mod tests;
mod unresolved;

pub use checkpoint::{Checkpoint, NewCheckpoint};
pub use cleanup::{Cleaned, CleanupOrder};
pub use complete::{Completed, Ending};
pub use error::ExecutionError;
pub use list::ExecutionDiff;
pub use merge::{Check, MergeOrder, MergeOutcome};
pub use resolve::{Choice, Decided};
pub use settle::{SettleError, Workbench, receipt};
pub use start::{Base, Execution, Executions};
pub use unresolved::{OpenConflict, Resolution, ResolvedBy, Unresolved};
