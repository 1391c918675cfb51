//! `agent`: who can be asked to do something.

mod command;
mod list;
mod show;

pub(crate) use command::AgentCommand;
