//! `grant`: what a person allows, beside `plugins.yaml`.

mod add;
mod checks;
mod command;
mod explain;
mod list;
mod revoke;
mod trust;
mod wanted;

pub(crate) use command::GrantCommand;
