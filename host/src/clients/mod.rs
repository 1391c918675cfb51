//! Where MCP clients say which servers they start, and how this host's entry gets in and out there.
//!
//! An edit changes the entry's own bytes alone: keys, order, spaces and numbers of everything else stay as they are. A file that
//! cannot be edited so, because it has comments, is refused with a sentence. Does not know about the protocol, plugins or git.

mod client;
mod error;
mod file;
mod splice;

pub use client::{Client, Scope, Server};
pub use error::ClientError;
pub use file::{Change, ClientFile};
