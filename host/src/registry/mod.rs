//! Which plugin answers: where plugins are found, what is known of each, and how a call finds its own.
//!
//! Does not know about grants, git or wasm: what a component says of itself arrives through `flow`'s install line.

mod cost;
mod discovery;
mod entry;
mod magic;
mod route;
mod schema;

pub use discovery::{Found, Source, discover};
pub use entry::{Component, Context, LoadError, Plugin, Tool};
pub use magic::is_wasm;
pub use route::{Registry, Route, RouteError};
pub use schema::{ArgumentProblem, Schema, SchemaError};
