//! `execution`: what ran, what each changed, and how to go on with one, back, or without it.

mod apply;
mod command;
mod conflicts;
mod diff;
mod discard;
mod list;
mod log;
mod materialize;
mod resolve;
mod resume;
mod rewind;
mod show;

pub(crate) use command::ExecutionCommand;
pub(crate) use list::status;
