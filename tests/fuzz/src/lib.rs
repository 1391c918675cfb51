//! What must hold whatever the bytes: one module a target, each with `check(data)`, which panics if something does not.
//!
//! `fuzz_targets` runs them under libFuzzer, `tests/fuzzing.rs` over the stored corpora and their mutations.

pub mod configuration;
pub mod grants;
pub mod mcp_lines;
pub mod metadata;
pub mod tree_names;
