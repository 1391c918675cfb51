//! `audit`: the journal of what happened.

mod command;
mod show;
mod verify;

pub(crate) use command::AuditCommand;
