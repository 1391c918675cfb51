//! The floor of a call: the same component in wasmtime alone.

mod bindings;
mod engine;

pub use engine::{Bare, BareInstance};
