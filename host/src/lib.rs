//! The host: loads plugins as WebAssembly components, runs each call in a sandbox, and lands what it changed on a
//! git branch of its own.
//!
//! Start at `flow/call.rs`: the line every call takes. `docs/architecture.md` is the map.

pub mod clients;
pub mod config;
pub mod execution;
pub mod flow;
pub mod forge;
pub mod git;
pub mod grants;
pub mod mcp;
pub mod model;
pub mod network;
pub mod observe;
pub mod orchestrate;
pub mod policy;
pub mod private;
pub mod registry;
pub mod sandbox;
pub mod wall;
pub mod watch;
pub mod workspace;
