//! Finds a wasi-libc that is on the machine already.

use std::path::{Path, PathBuf};

use crate::target::TARGET;

/// Looks where distributions and the WASI SDK put it.
pub(crate) fn installed() -> Option<PathBuf> {
    let sdk = std::env::var_os("WASI_SDK_PATH").map(PathBuf::from);
    let sdk = sdk.map(|sdk| sdk.join("share/wasi-sysroot/lib").join(TARGET));
    let usual = Path::new("/usr/lib").join(TARGET);
    let fedora = Path::new("/usr/wasm32-wasi/lib").join(TARGET);
    sdk.into_iter()
        .chain([usual, fedora])
        .find(|folder| complete(folder))
}

/// Looks in a folder that was unpacked or given.
pub(crate) fn below(folder: &Path) -> Option<PathBuf> {
    let places = ["", TARGET, "lib", "usr/lib", "share/wasi-sysroot/lib"];
    places
        .iter()
        .flat_map(|place| [folder.join(place), folder.join(place).join(TARGET)])
        .find(|place| {
            // A folder that only calls itself `lib` could be another target's.
            (place == folder || place.ends_with(TARGET)) && complete(place)
        })
}

/// Says whether a folder has the three files that std links with.
fn complete(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("crt1-command.o") && has("crt1-reactor.o") && has("libc.a")
}
