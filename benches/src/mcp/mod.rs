//! MCP servers as clients have them: processes that are spoken to over standard input and output.

mod client;
mod process;

pub use client::{Client, Era, Measured};
pub use process::{Memory, Server, Wires};
