//! Folders that are looked at while the host runs: says when something in them changed, and has been quiet since.
//!
//! The only room that names notify. Does not know what the files are.

mod watcher;

pub use watcher::{Names, WatchError, Watcher};
