//! Compiles every guest for wasm32-wasip2 and writes what `src/lib.rs` includes.
#![expect(
    clippy::print_stderr,
    reason = "cargo shows what a failed build script wrote there"
)]

#[path = "build/generate.rs"]
mod generate;
#[path = "build/guests.rs"]
mod guests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use guests::Workspace;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={}", sentence.replace('\n', " | "));
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let own = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let root = own
        .ancestors()
        .nth(2)
        .ok_or("this package has no repository around it")?;
    for source in ["wit", "plugin-sdk", "sample-plugins", "tests/guests"] {
        // Cargo runs this each time while a watched path is absent.
        let source = root.join(source);
        if source.is_dir() {
            println!("cargo::rerun-if-changed={}", source.display());
        }
    }
    for name in ["PARACLE_WASM_STD", "PARACLE_WASM_SYSROOT_DIR"] {
        println!("cargo::rerun-if-env-changed={name}");
    }

    let workspaces = [
        Workspace::read(root, "sample-plugins")?,
        Workspace::read(root, "tests/guests")?,
    ];
    guests::check_names(&workspaces)?;
    let [plugins, fixtures] = &workspaces;
    if plugins.guests.is_empty() && fixtures.guests.is_empty() {
        return generate::write(&out, plugins, fixtures);
    }
    // `cargo xtask` has made it already, with progress; a plain `cargo build` waits here.
    let target = paracle_wasm_target::provide(&mut |_| {}).map_err(|error| error.to_string())?;
    if let Some(sysroot) = target.sysroot() {
        println!("cargo::rerun-if-changed={}", sysroot.display());
    }
    let folder = target_folder(&out).join("guests").join(target.key());
    for workspace in &workspaces {
        workspace.build(&target, &folder, &out)?;
    }
    generate::write(&out, plugins, fixtures)
}

/// Returns the folder that the outer cargo builds into: beside it the guests' own survives from build to build.
fn target_folder(out: &Path) -> PathBuf {
    let marked = out
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.unwrap_or(out).to_owned()
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("cargo did not set {name}; run this by `cargo build`"))
}
