//! `wasi:sockets`: connecting to granted addresses, counted, and looking granted names up. Nobody listens.

mod counted;
mod decide;
mod names;
mod pass;
mod tcp;
mod udp;

pub(in crate::sandbox) use decide::open;
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub use names::Found;
