//! `cargo +nightly fuzz run tree_names`, from the folder above.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paracle_fuzz::tree_names::check(data));
