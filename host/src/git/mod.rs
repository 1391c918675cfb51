//! Leaf: the object database, trees, refs, merge. The only room that names git2 or starts a process.
//!
//! Does not know about plugins, calls, executions or configuration, and holds no state of its own: what it writes is in the
//! repository, durable before a ref points at it. It never touches a working tree, an index or HEAD, except by git's own
//! `merge --ff-only`, which refuses to overwrite local changes.

mod ahead;
mod aside;
mod attributes;
mod broken;
#[cfg(test)]
mod change_tests;
mod check;
mod checkout;
#[cfg(test)]
mod checkout_tests;
mod checkout_tree;
mod command;
mod commit;
mod conflict;
mod diff;
#[cfg(test)]
mod equivalence_tests;
mod error;
mod footprint;
mod footprint_config;
mod graft;
mod keep;
#[cfg(test)]
mod keep_tests;
mod merge;
#[cfg(test)]
mod merge_tests;
mod merge_tree;
mod note;
mod objects;
mod own_locks;
mod own_refs;
mod pack;
mod path;
mod person;
mod refs;
mod remote;
mod replay;
mod repo;
mod roll;
mod rules;
#[cfg(test)]
pub(crate) mod scratch;
mod shut_out;
mod spill;
mod sync;
#[cfg(test)]
mod tests;
mod text_merge;
mod tree;
mod tree_merge;
mod uncommitted;
mod version;
mod worktree;
mod write;

pub use check::Ran;
pub use checkout::{Advance, Checkout, Dirty, FastForward};
pub use checkout_tree::CheckoutTree;
pub use commit::{CommitInfo, NewCommit};
pub use conflict::{Conflict, ConflictKind, Conflicted, Side};
pub use diff::{LineCount, Patch};
pub use error::GitError;
pub use footprint::{Footprint, installed, links_in};
pub use merge::Merge;
pub use objects::{BlobId, ObjectId, TreeId};
pub use own_refs::RefMove;
pub use path::{InvalidPath, TreePath};
pub use person::Person;
pub use refs::{Moved, RefName};
pub use remote::Remote;
pub use repo::Repo;
pub use spill::{Spill, Spilled};
pub use tree::{Entry, Mode, TREE_DEPTH};
pub use version::GitProgram;
pub use write::{Batch, ObjectKind};
