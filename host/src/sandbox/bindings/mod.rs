//! What `wit/` says, as Rust: generated, one module a package.
//!
//! One world of the host's own imports and exports everything, so that a type that several worlds share is one Rust
//! type, and a guest's exports are looked up interface by interface.

mod filesystem;
mod plugin;
mod sockets;

pub(super) use filesystem::wasi::filesystem::{preopens, types};
pub(super) use plugin::exports::paracle::plugin as exports;
pub(super) use plugin::paracle::plugin as imports;
pub(super) use sockets::wasi::sockets::ip_name_lookup;
