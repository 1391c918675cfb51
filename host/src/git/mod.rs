//! Leaf: the object database, trees, refs, merge. The only room that names git2 or starts a process.
//!
//! Does not know about plugins, calls, executions or configuration, and holds no state of its own: what it writes is in the
//! repository, durable before a ref points at it. It never touches a working tree, an index or HEAD, except by git's own
//! `merge --ff-only`, which refuses to overwrite local changes.

mod checkout;
mod checkout_tree;
mod command;
mod commit;
mod diff;
mod error;
mod footprint;
mod footprint_config;
mod merge;
#[cfg(test)]
mod merge_tests;
mod merge_tree;
mod note;
mod objects;
mod refs;
mod remote;
mod repo;
#[cfg(test)]
pub(crate) mod scratch;
mod shut_out;
#[cfg(test)]
mod tests;
mod tree;
mod tree_merge;
mod uncommitted;
mod version;
mod worktree;
mod write;

pub use checkout::{Advance, Checkout, Dirty, FastForward};
pub use checkout_tree::CheckoutTree;
pub use commit::{CommitInfo, NewCommit};
pub use diff::{LineCount, Patch};
pub use error::GitError;
pub use footprint::{Footprint, installed};
pub use merge::Merge;
pub use objects::{BlobId, ObjectId, TreeId};
pub use refs::{Moved, RefName};
pub use remote::Remote;
pub use repo::Repo;
pub use tree::{Entry, Mode, TREE_DEPTH};
pub use version::GitProgram;
pub use write::{Batch, ObjectKind};
