//! The edge towards assistants: the Model Context Protocol over standard input and output.
//!
//! The only room that names rmcp and JSON-RPC. It turns a request into a [`Call`](crate::model::Call), a receipt into an
//! answer, and keeps the protocol's channel clean; what a call may do and where its changes go is decided elsewhere.
//! Speaks both eras of the protocol: the `initialize` handshake of 2024-11-05 to 2025-11-25, and 2026-07-28 with
//! `server/discover`. Does not know about sandboxes, git or grants, and has no tool that grants
//! anything: a grant is a person's answer to a question that their client shows them (`asking.rs`).

mod about;
mod answer;
mod asking;
mod caller;
mod calling;
mod caught;
mod clean;
mod complete;
mod convert;
mod door;
mod error;
mod failure;
mod handler;
mod http;
mod intake;
mod kept;
mod lines;
mod listen;
mod names;
mod open;
mod own;
mod pages;
mod prompts;
mod question;
mod resources;
mod serve;
mod shares;
mod stdio;
mod talk;
mod tasks;
mod template;
mod tools;
mod turn;

#[doc(hidden)]
pub use door::{Received, receive_all};
pub use error::McpError;
pub use http::{
    HttpError, Listening, OauthError, Opening, TlsError, TokenError, Tokens, new_token,
};
pub use serve::serve_stdio;
