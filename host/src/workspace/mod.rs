//! The tree that a plugin sees as `/workspace`: a commit's tree, read when touched, with a private overlay on it; and, in
//! `directory`, what a person granted beside it.
//!
//! Does not know about wasmtime, WASI's types, refs, commits to come, or, but for `directory`, any path of the host: `..`,
//! absolute paths and symbolic links are resolved here, and there is nothing outside for them to reach.
//!
//! Filters, LFS and submodules are not applied (a submodule is an empty directory that cannot be changed); ignored files that
//! a plugin writes are kept like any other; empty directories are not kept. What of that a call met is in its receipt.

mod allowance;
#[cfg(test)]
mod bounds_tests;
mod content;
mod directory;
mod error;
mod files;
mod left_out;
mod moved;
mod name;
mod names;
mod node;
mod open_node;
#[cfg(test)]
mod random_tests;
mod resolve;
mod snapshot;
mod stage;
mod stat;
#[cfg(test)]
mod tests;
mod tree;
mod wrote;

pub use allowance::Allowance;
pub use directory::{
    DirectoryError, DiskNode, GrantedDirectory, PlaceRule, Protected, check_directories,
    check_openable, check_places, try_directories,
};
pub use error::FsError;
pub use files::SetTime;
pub use left_out::{LeftOut, Names};
pub use open_node::OpenNode;
pub use snapshot::Written;
pub use stage::Stage;
pub use stat::{DirEntry, NodeKind, OpenFlags, Quotas, Stat};
pub use tree::{Clock, GitTree, Handle, TreeOptions};
