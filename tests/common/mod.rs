//! A world of a test's own: a repository, a home, and the program.

mod env;
mod http;
mod mcp;
mod output;

pub(crate) use env::{TestEnv, guest};
pub(crate) use http::{HttpServer, Seen, reply, root};
pub(crate) use mcp::McpServer;
pub(crate) use output::Output;
