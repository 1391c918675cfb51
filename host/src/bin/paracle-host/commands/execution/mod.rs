//! `execution`: what ran, and what each changed.

mod command;
mod conflicts;
mod diff;
mod discard;
mod list;
mod resolve;
mod show;

pub(crate) use command::ExecutionCommand;
pub(crate) use list::status;
