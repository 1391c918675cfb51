//! `execution`: what ran, and what each changed.

mod command;
mod diff;
mod discard;
mod list;
mod show;

pub(crate) use command::ExecutionCommand;
pub(crate) use list::status;
