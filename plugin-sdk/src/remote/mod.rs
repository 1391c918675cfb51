//! What [providers](crate::provider) share that ask a server over HTTP: where it is, how its key is sent, and what its
//! refusals mean.
//!
//! ```
//! use paracle_plugin_sdk::chat::ChatError;
//! use paracle_plugin_sdk::remote::Server;
//! use serde_json::{Value, json};
//!
//! fn ask(prompt: &str) -> Result<Value, ChatError> {
//!     let server = Server::new("https://api.example.com/v1")
//!         .map_err(ChatError::InvalidRequest)?
//!         .key("authorization", "Bearer ", Some("EXAMPLE_KEY"));
//!     let mut answer = server.post("/ask", &json!({ "prompt": prompt }), "small")?;
//!     server.read(&mut answer)
//! }
//!
//! // Outside of WebAssembly there is no host, and so no network.
//! assert!(matches!(ask("Hello"), Err(ChatError::Permission(_))));
//! ```
//!
//! Nothing here tries again: the host does, by the kind of the error, and so for every provider alike.

mod chunks;
mod refusal;
mod server;
mod wait;

pub use chunks::{broke_off, chunks};
pub use refusal::Refusal;
pub use server::Server;
