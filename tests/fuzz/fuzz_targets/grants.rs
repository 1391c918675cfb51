//! `cargo +nightly fuzz run grants`, from the folder above.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paracle_fuzz::grants::check(data));
