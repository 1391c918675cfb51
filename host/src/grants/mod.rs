//! What the person granted on this machine, kept in a folder of their own, outside of any repository.
//!
//! A repository brings its own `plugins.yaml`, and whoever cloned it did not write it: what that file grants beyond the
//! repository (network, sockets, directories, secrets) counts once the person approved it here, for the plugin's bytes and its
//! configuration as they were then. What the person grants by command or by answering a question is kept here, too. Only commands and answers of a
//! person lead here: no tool, resource, prompt or guest does. Does not know about plugins' code, git or wasm.

mod commands;
mod demand;
mod error;
mod file;
mod record;
mod store;

pub use demand::Demand;
pub use error::GrantsError;
pub use record::{Approval, ApprovedCommand, By, Given, Scope, Subject};
pub use store::{Grants, InForce};
