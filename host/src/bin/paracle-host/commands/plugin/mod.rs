//! `plugin`: what is loaded, what each plugin may do, how each feels.

mod command;
mod health;
mod list;
mod load;
mod reload;
mod show;
mod stats;
mod view;

pub(crate) use command::PluginCommand;
