//! What a component's file begins with.

use std::io::Read as _;
use std::path::Path;

/// The first four bytes of WebAssembly.
const MAGIC: &[u8] = b"\0asm";

/// Tells whether a file is WebAssembly by its first bytes; what cannot be read is not.
#[expect(
    clippy::disallowed_methods,
    reason = "the registry reads the files of plugins"
)]
pub fn is_wasm(path: &Path) -> bool {
    let mut first = [0; MAGIC.len()];
    path.is_file()
        && std::fs::File::open(path)
            .and_then(|mut file| file.read_exact(&mut first))
            .is_ok_and(|()| first == MAGIC)
}
