//! MCP servers as clients have them: processes that are spoken to over standard input and output, or over HTTP.

mod client;
mod http;
mod message;
mod process;

pub use client::Client;
pub use http::HttpClient;
pub use message::{Era, Measured};
pub use process::{Memory, Server, Wires};
