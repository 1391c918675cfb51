//! Debian's packages as a source of std, of wasi-libc, and of a compiler that matches its source.
//!
//! Nothing is installed: packages are fetched and verified by apt itself, with lists and caches of our own, and unpacked.
//! The mirror and its keys are those that the machine already trusts; only the suite differs.

mod apt;
mod archive;
mod packages;
mod sources;

pub(crate) use archive::Archive;
pub(crate) use packages::{CLANG, clang, libc, library, pair};
