//! Write a paracle-host plugin in Rust.
//!
//! A plugin is one Rust type that implements the trait of its kind, and one line that exports it. `cargo build
//! --target wasm32-wasip2` in its folder is all it takes. A whole tool plugin:
//!
//! ```
//! use paracle_plugin_sdk::prelude::*;
//!
//! /// Greets somebody by name.
//! #[derive(Deserialize, JsonSchema)]
//! struct Greet {
//!     /// Whom to greet.
//!     name: String,
//! }
//!
//! impl Tool for Greet {
//!     const NAME: &str = "greet";
//!     type Output = String;
//!
//!     fn call(self, _: &mut Context) -> Result<String, ToolError> {
//!         Ok(format!("Hello, {}!", self.name))
//!     }
//! }
//!
//! paracle_plugin_sdk::export!(tools: [Greet]);
//! # fn main() {
//! # let said = paracle_plugin_sdk::testing::call::<(), Greet>(&mut (), &json!({ "name": "Ada" }));
//! # assert_eq!(said.unwrap().content, [Content::Text("Hello, Ada!".into())]);
//! # }
//! ```
//!
//! The arguments' type is the tool: its doc comment is the description, its fields' doc comments describe the
//! arguments, and `schemars` makes the JSON Schema. `Cargo.toml` needs `crate-type = ["cdylib"]` and the
//! dependencies `paracle-plugin-sdk`, `serde` and `schemars`; its `[package]` table gives the plugin's name, version,
//! description, authors, homepage and licence.
//!
//! | kind | trait | exported by |
//! |---|---|---|
//! | tool | [`Tool`](tool::Tool), one a tool | `export!(tools: [A, B])`, or `export!(tools: [A, B], plugin: P)` |
//! | tool with [resources and prompts](offered) | [`Resources`](offered::Resources), [`Prompts`](offered::Prompts) | `export!(tools: [A], plugin: P, context)` |
//! | provider | [`Provider`](provider::Provider) | `export!(provider: P)` |
//! | adapter | [`Adapter`](adapter::Adapter) | `export!(adapter: P)` |
//! | observer | [`Observer`](observer::Observer) | `export!(observer: P)` |
//! | memory | [`Memory`](memory::Memory) | `export!(memory: P)` |
//!
//! Each `P` also implements [`Plugin`](plugin::Plugin): what it asks for, its configuration, its life cycle; all but
//! two lines of it have defaults. What the host offers a plugin is in [`host`]; [`http`] is a client for the web, and
//! [`remote`] what providers share that ask a server.

pub mod adapter;
#[doc(hidden)]
#[expect(
    clippy::same_length_and_capacity,
    reason = "wit-bindgen writes the code of the component ABI, which is unsafe by nature"
)]
pub mod bindings;
pub mod chat;
pub mod context;
mod denied;
#[doc(hidden)]
pub mod export;
pub mod host;
pub mod http;
pub mod memory;
pub mod observer;
pub mod offered;
pub mod output;
pub mod plugin;
pub mod prelude;
pub mod provider;
pub mod remote;
mod schema;
pub mod testing;
pub mod tool;

#[doc(hidden)]
pub use {schemars, serde, serde_json};
