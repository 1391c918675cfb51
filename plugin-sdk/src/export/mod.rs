//! The glue between the traits and the generated exports. Only the [`export!`](crate::export!) macro names it.

mod adapter;
mod context;
mod life_cycle;
mod macros;
mod memory;
mod observer;
mod provider;
mod slot;
#[cfg(test)]
mod tests;
mod tools;

pub use crate::plugin::Kind;
pub use crate::tool::Entry;
pub use slot::{Guest, Hosted, HostedTools, Package, Slot};
