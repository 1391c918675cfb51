//! `cargo +nightly fuzz run configuration`, from the folder above.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paracle_fuzz::configuration::check(data));
