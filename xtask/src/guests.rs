//! The workspaces whose packages are guests: another target, another lock file.

use std::path::{Path, PathBuf};
use std::process::Command;

use paracle_wasm_target::WasmTarget;

use crate::cargo::{cargo, root, show, target_folder};
use crate::error::Error;

/// Folders of guest workspaces, from the root; the same list is in `sample-plugins/artifacts/build.rs`.
const WORKSPACES: &[&str] = &["sample-plugins", "tests/guests"];

/// Checks that each guest workspace is formatted and that its lock file is true.
pub(crate) fn check_format() -> Result<(), Error> {
    for folder in present() {
        show(
            cargo()
                .current_dir(&folder)
                .args(["fmt", "--all", "--check"]),
        )?;
        // The build script of the artifacts must not refuse a changed lock file while someone works; this may.
        let mut metadata = cargo();
        metadata.args([
            "metadata",
            "--locked",
            "--format-version=1",
            "--manifest-path",
        ]);
        metadata
            .arg(folder.join("Cargo.toml"))
            .stdout(std::process::Stdio::null());
        show(&mut metadata)?;
    }
    Ok(())
}

/// Runs clippy on each guest workspace, for the target that they are made for.
pub(crate) fn lint(target: &WasmTarget) -> Result<(), Error> {
    for folder in present() {
        let mut clippy: Command = cargo();
        target.apply(&mut clippy);
        clippy
            .current_dir(&folder)
            .args(["clippy", "--workspace", "--locked", "--target"]);
        clippy.arg(paracle_wasm_target::TARGET).arg("--target-dir");
        clippy.arg(target_folder().join("guests").join(target.key()));
        show(clippy.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Builds guests of a workspace, and returns the folder with the components.
pub(crate) fn build(
    workspace: &str,
    packages: &[&str],
    target: &WasmTarget,
) -> Result<PathBuf, Error> {
    // The same folder as the build script of the artifacts uses, so that both share what they build.
    let folder = target_folder().join("guests").join(target.key());
    let mut build: Command = cargo();
    target.apply(&mut build);
    build.current_dir(root().join(workspace));
    build.args([
        "build",
        "--release",
        "--locked",
        "--target",
        paracle_wasm_target::TARGET,
    ]);
    for package in packages {
        build.args(["--package", package]);
    }
    show(build.arg("--target-dir").arg(&folder))?;
    Ok(folder.join(paracle_wasm_target::TARGET).join("release"))
}

/// Returns the workspaces that have a package yet.
fn present() -> Vec<PathBuf> {
    let folders = WORKSPACES.iter().map(|folder| root().join(folder));
    folders
        .filter(|folder| folder.join("Cargo.toml").is_file() && has_guest(folder))
        .collect()
}

/// Says whether a workspace has a guest; `artifacts` is a package of the root workspace.
fn has_guest(workspace: &Path) -> bool {
    std::fs::read_dir(workspace).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry.file_name() != "artifacts" && entry.path().join("Cargo.toml").is_file()
        })
    })
}
