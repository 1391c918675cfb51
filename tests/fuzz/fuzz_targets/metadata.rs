//! `cargo +nightly fuzz run metadata`, from the folder above.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paracle_fuzz::metadata::check(data));
