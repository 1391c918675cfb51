//! `cargo xtask test`, `cargo xtask checks`, and both as `cargo xtask ci`.

use crate::cargo::{cargo, show};
use crate::error::Error;
use crate::guests;
use crate::wasm_std;

/// Runs every test of the workspace; `arguments` go to `cargo test`.
pub(crate) fn test(arguments: &[String]) -> Result<(), Error> {
    wasm_std::provide()?;
    show(
        cargo()
            .args(["test", "--workspace", "--locked"])
            .args(arguments),
    )
}

/// Checks what a change must pass, the quick things first.
pub(crate) fn ci() -> Result<(), Error> {
    checks()?;
    test(&[])
}

/// Checks format and lints of everything, with warnings as errors.
pub(crate) fn checks() -> Result<(), Error> {
    show(cargo().args(["fmt", "--all", "--check"]))?;
    guests::check_format()?;
    let target = wasm_std::provide()?;
    show(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    guests::lint(&target)
}
