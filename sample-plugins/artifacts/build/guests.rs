//! The workspaces of guests: which packages they have, and how they are compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use paracle_wasm_target::{TARGET, WasmTarget};

/// A cargo workspace whose packages are guests.
pub(crate) struct Workspace {
    folder: PathBuf,
    /// The packages, by the names of their folders, sorted.
    pub(crate) guests: Vec<String>,
}

impl Workspace {
    /// Lists the packages of a workspace, which need not exist yet.
    pub(crate) fn read(root: &Path, name: &str) -> Result<Self, String> {
        let folder = root.join(name);
        let mut guests = Vec::new();
        if folder.join("Cargo.toml").is_file() {
            let entries = fs::read_dir(&folder)
                .map_err(|error| format!("failed to read `{}`: {error}", folder.display()))?;
            for entry in entries.flatten() {
                let package = entry.file_name().to_string_lossy().into_owned();
                // `artifacts` is this package, and of the root workspace.
                if package != "artifacts" && entry.path().join("Cargo.toml").is_file() {
                    guests.push(package);
                }
            }
        }
        guests.sort();
        Ok(Self { folder, guests })
    }

    /// Compiles the guests and copies their components to `out`.
    pub(crate) fn build(&self, target: &WasmTarget, into: &Path, out: &Path) -> Result<(), String> {
        if self.guests.is_empty() {
            return Ok(());
        }
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        target.apply(&mut cargo);
        cargo.current_dir(&self.folder).args([
            "build",
            "--release",
            "--workspace",
            "--target",
            TARGET,
        ]);
        cargo.arg("--target-dir").arg(into);
        let output = cargo
            .output()
            .map_err(|error| format!("failed to start cargo: {error}"))?;
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            return Err(format!(
                "the guests in `{}` do not compile; see below",
                self.folder.display()
            ));
        }
        for guest in &self.guests {
            self.collect(guest, &into.join(TARGET).join("release"), out)?;
        }
        Ok(())
    }

    fn collect(&self, guest: &str, built: &Path, out: &Path) -> Result<(), String> {
        let name = format!("{}.wasm", identifier(guest));
        let bytes = fs::read(built.join(&name)).map_err(|error| {
            format!(
                "`{}` made no `{name}`: {error}; is it a member of its workspace, named like its folder, and of \
                 `crate-type = [\"cdylib\"]`?",
                self.folder.join(guest).display()
            )
        })?;
        let place = out.join(&name);
        // An unchanged file keeps its time, so that what includes it is not compiled again.
        if fs::read(&place).is_ok_and(|present| present == bytes) {
            return Ok(());
        }
        fs::write(&place, bytes)
            .map_err(|error| format!("failed to write `{}`: {error}", place.display()))
    }
}

/// Refuses two guests whose components would have the same name.
pub(crate) fn check_names(workspaces: &[Workspace]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for guest in workspaces.iter().flat_map(|workspace| &workspace.guests) {
        if !seen.insert(identifier(guest)) {
            return Err(format!(
                "two guests are called `{guest}`; give one folder and package another name"
            ));
        }
    }
    Ok(())
}

/// Returns a package's name as Rust and rustc's output files write it.
pub(crate) fn identifier(package: &str) -> String {
    package.replace('-', "_")
}
