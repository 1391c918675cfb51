//! `cargo +nightly fuzz run mcp_lines`, from the folder above.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paracle_fuzz::mcp_lines::check(data));
