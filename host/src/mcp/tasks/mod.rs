//! Calls that go on after their answer: the client has a task, and comes back for what became of it.
//!
//! A task is written down before the client learns of it and at each change of its status, beside the audit journal
//! ([`Store`]): what is finished is found by another host, and what ran in a host that is gone has failed, and names the
//! execution that holds what it did. Without a repository it is kept in memory, for less long. A task is its caller's alone.

mod disk;
mod live;
mod record;
mod room;
mod store;
mod table;

pub(super) use record::Outcome;
pub(super) use table::{Tasks, Wanted};
