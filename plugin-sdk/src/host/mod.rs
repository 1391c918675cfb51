//! What the host offers a plugin besides WASI.
//!
//! `log`, `progress` and `changes` are always there. The others need the capability of their name, among the plugin's
//! [`CAPABILITIES`](crate::plugin::Plugin::CAPABILITIES) and granted by the operator; without it they answer
//! [`Denied`](crate::plugin::Denied), which says what to add where. Outside WebAssembly, in a plugin's own tests,
//! there is no host: these do nothing, and the others are denied.

pub mod ask;
pub mod changes;
pub mod completions;
pub mod log;
pub mod memory;
pub mod progress;
pub mod secrets;
pub mod tools;

/// Whether there is a host to call.
const HOSTED: bool = cfg!(target_arch = "wasm32");
