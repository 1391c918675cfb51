//! The only room that names wasmtime: engine, prepared components, limits, host imports, invoke.
//!
//! Does not know about configuration, discovery, refs, or who calls; it holds what a permit granted, and nothing else.

mod account;
mod answer;
mod bindings;
mod budget;
mod cache;
mod chat_stream;
mod convert;
mod describe;
mod door;
mod engine;
mod error;
mod gate;
mod guard;
mod imports;
mod inspect;
mod instance;
mod live;
mod prepare;
mod run;
mod size;
mod state;
mod turns;

pub use describe::Description;
#[doc(hidden)]
pub use door::{SaidMetadata, SaidTool, metadata_said};
pub use engine::{CONTRACT, Sandbox, scans_pages};
pub use error::{PrepareError, RunError};
pub use gate::{HeavyTurn, worker_threads};
pub use imports::{AskFailure, Callbacks};
pub use run::Outcome;
