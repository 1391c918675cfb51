//! A small HTTP client over `wasi:http`. Needs the `network-access` capability, and a grant of the operator for each place.
//!
//! ```
//! use paracle_plugin_sdk::http::{self, Request};
//!
//! fn title_of(url: &str) -> Result<String, http::Error> {
//!     let mut response = Request::get(url).header("accept", "text/html").send()?;
//!     let text = response.text(64 * 1024)?;
//!     Ok(format!("{}: {text}", response.status))
//! }
//!
//! // Outside of WebAssembly there is no host, and so no network.
//! assert!(matches!(title_of("https://example.com/"), Err(http::Error::Denied(_))));
//! ```
//!
//! In a tool, `?` makes each error the tool's own: a refusal becomes
//! [`ToolError::Permission`](crate::tool::ToolError::Permission), and the host tells the person which command allows the
//! request. A secret is never the plugin's to know: write
//! [`placeholder`](crate::host::secrets::placeholder) into a header, and the host puts its value in.
//!
//! ```
//! use paracle_plugin_sdk::{host::secrets, http::Request};
//! use serde_json::json;
//!
//! let request = Request::post("https://api.example.com/v1/notes")
//!     .header("authorization", &format!("Bearer {}", secrets::placeholder("NOTES_TOKEN")))
//!     .json(&json!({ "text": "hello" }));
//! assert!(request.send().is_err());
//! ```
//!
//! What comes bit by bit is read so, too: [`Lines`] of a body, and its server-sent [`Events`].
//!
//! Redirects are answers like any others: nothing is followed by itself. [`Response::redirect`] says where one leads.

mod error;
mod events;
mod lines;
mod request;
mod response;
mod url;
mod wire;

pub use error::Error;
pub use events::{Event, Events};
pub use lines::Lines;
pub use request::{Request, get};
pub use response::Response;
pub use url::join as resolve;
