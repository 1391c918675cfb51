//! `workflow`: steps that follow from each other.

mod check;
mod command;
pub(crate) mod graph;
mod list;
mod show;

pub(crate) use command::WorkflowCommand;
