//! Finds or builds a std for wasm32-wasip2.
//!
//! A machine whose rustup reaches its server has the target in seconds. A machine whose rustup cannot (a build farm, a
//! train) still has a compiler that can emit wasm32-wasip2 and lacks only std, so [`provide`] builds that from source.
//! The order of the routes is in `provide.rs`; what is made is kept outside `target/`, by compiler, in `store.rs`.
//!
//! Does not know about plugins, the host, or what is built with the target.

mod build_std;
mod c_compiler;
mod debian;
mod env;
mod error;
mod given;
mod libc;
mod provide;
mod run;
mod rustc;
mod store;
mod target;

pub use c_compiler::{CCompiler, c_compiler};
pub use env::clean;
pub use error::Error;
pub use provide::provide;
pub use target::{TARGET, WasmTarget};
