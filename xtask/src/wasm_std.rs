//! `cargo xtask wasm-std`: gets a std for the guests.

use paracle_wasm_target::WasmTarget;

use crate::error::Error;
use crate::progress::Progress;

/// Gets the target and says where it is, and how a shell of its own uses it.
pub(crate) fn wasm_std() -> Result<(), Error> {
    let target = provide()?;
    println!("wasm32-wasip2: {}", target.origin());
    let variables = target.shell_variables();
    if variables.is_empty() {
        println!("`cargo build --target wasm32-wasip2` works as it is.");
        return Ok(());
    }
    println!("In a shell of your own, `cargo build --target wasm32-wasip2` works after:");
    for (name, value) in variables {
        println!("export {name}='{value}'");
    }
    Ok(())
}

/// Gets the target, with progress. Every verb that builds guests calls this first: a build script could do it too, but
/// cargo would hide for a minute what it does.
pub(crate) fn provide() -> Result<WasmTarget, Error> {
    let mut progress = Progress::default();
    Ok(paracle_wasm_target::provide(&mut |stage| {
        progress.stage(stage);
    })?)
}
