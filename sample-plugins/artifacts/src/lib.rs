//! The compiled sample plugins, and in [`fixtures`] the compiled guests of the tests.
//!
//! The build script compiles them and writes one constant a guest, [`ALL`] and [`fixtures::ALL`] with their names, and
//! two macros, `foreach_plugin!` and `foreach_fixture!`, which call a macro with the name of each. A test crate that
//! lets them name its functions does not compile while a guest has no test:
//!
//! ```ignore
//! macro_rules! has_a_test {
//!     ($name:ident) => {
//!         const _: fn() = $name;
//!     };
//! }
//! paracle_sample_artifacts::foreach_plugin!(has_a_test);
//! ```
//!
//! A constant that nobody names is in nobody's binary: the host names the samples only.

include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));

#[cfg(test)]
mod tests {
    #[test]
    fn every_guest_is_a_component() {
        for (name, bytes) in super::ALL.iter().chain(super::fixtures::ALL) {
            // The binary format's magic, its version, and the layer that tells a component from a core module.
            assert_eq!(bytes.get(..8), Some(&b"\0asm\x0d\0\x01\0"[..]), "{name}");
        }
    }
}
