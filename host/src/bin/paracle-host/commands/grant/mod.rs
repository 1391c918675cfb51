//! `grant`: what a person allows, beside `plugins.yaml`.

mod add;
mod command;
mod explain;
mod list;
mod revoke;
mod trust;
mod wanted;

pub(crate) use command::GrantCommand;
pub(crate) use trust::unapproved;
