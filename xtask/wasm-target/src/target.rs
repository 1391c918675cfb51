//! A target that can be built for, and how to tell cargo.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env;

/// The target's name, as rustc calls it.
pub const TARGET: &str = "wasm32-wasip2";

/// A usable std for wasm32-wasip2.
#[derive(Debug, Clone)]
pub struct WasmTarget {
    pub(crate) key: String,
    pub(crate) origin: String,
    /// Absent if the target was installed beside the compiler.
    pub(crate) sysroot: Option<PathBuf>,
    pub(crate) compiler: Compiler,
}

/// A compiler other than the one that cargo finds, and what it needs to run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Compiler {
    pub(crate) rustc: Option<OsString>,
    /// Folders to search before `PATH`.
    pub(crate) programs: Vec<PathBuf>,
    /// Folders to search before `LD_LIBRARY_PATH`.
    pub(crate) libraries: Vec<PathBuf>,
}

impl WasmTarget {
    /// Makes a cargo command build with this std: call it first, then add `--target wasm32-wasip2`.
    pub fn apply(&self, command: &mut Command) {
        env::clean(command);
        self.compiler.apply(command);
        if let Some(flags) = self.rustflags() {
            command.env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", flags);
        }
    }

    /// Returns a file name that changes when compiler or std change, which cargo itself does not notice.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Says where this std comes from, for people.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the folder that holds `lib/rustlib/wasm32-wasip2`, unless that is the compiler's own.
    pub fn sysroot(&self) -> Option<&Path> {
        self.sysroot.as_deref()
    }

    /// Returns what a shell needs so that a plain `cargo build --target wasm32-wasip2` works in it.
    pub fn shell_variables(&self) -> Vec<(&'static str, String)> {
        let mut command = Command::new("cargo");
        self.compiler.apply(&mut command);
        let mut variables = Vec::new();
        for name in ["RUSTC", "PATH", "LD_LIBRARY_PATH"] {
            let set = command.get_envs().find(|(key, _)| *key == OsStr::new(name));
            if let Some((_, Some(value))) = set {
                variables.push((name, value.to_string_lossy().into_owned()));
            }
        }
        if let Some(flags) = self.rustflags() {
            variables.push(("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", flags));
        }
        variables
    }

    fn rustflags(&self) -> Option<String> {
        Some(format!("--sysroot={}", self.sysroot.as_ref()?.display()))
    }
}

impl Compiler {
    /// Makes a command use this compiler.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Some(rustc) = &self.rustc {
            command.env("RUSTC", rustc);
        }
        prepend(command, "PATH", &self.programs);
        prepend(command, "LD_LIBRARY_PATH", &self.libraries);
    }
}

/// Puts folders before those that a search path of this process names.
fn prepend(command: &mut Command, name: &str, folders: &[PathBuf]) {
    if folders.is_empty() {
        return;
    }
    let present = std::env::var_os(name).unwrap_or_default();
    let present = std::env::split_paths(&present).filter(|path| !path.as_os_str().is_empty());
    // A folder with a colon in its name cannot be said in a search path; the build then fails with the tool's name.
    if let Ok(joined) = std::env::join_paths(folders.iter().cloned().chain(present)) {
        command.env(name, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(command: &Command, name: &str) -> Option<String> {
        let (_, value) = command
            .get_envs()
            .find(|(key, _)| *key == OsStr::new(name))?;
        Some(value?.to_string_lossy().into_owned())
    }

    #[test]
    fn an_own_sysroot_is_named_to_cargo() {
        let target = WasmTarget {
            key: "k".to_owned(),
            origin: "here".to_owned(),
            sysroot: Some("/made".into()),
            compiler: Compiler::default(),
        };
        let mut command = Command::new("cargo");
        target.apply(&mut command);
        let flags = variable(&command, "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS");
        assert_eq!(flags.as_deref(), Some("--sysroot=/made"));
        assert_eq!(variable(&command, "PATH"), None);
    }

    #[test]
    fn another_compiler_is_found_before_the_shell_s_own() {
        let compiler = Compiler {
            rustc: Some("/pair/rustc".into()),
            programs: vec!["/tools".into()],
            libraries: vec!["/pair/lib".into()],
        };
        let mut command = Command::new("cargo");
        compiler.apply(&mut command);
        assert_eq!(variable(&command, "RUSTC").as_deref(), Some("/pair/rustc"));
        assert!(variable(&command, "PATH").is_some_and(|path| path.starts_with("/tools:")));
        assert!(variable(&command, "LD_LIBRARY_PATH").is_some_and(|p| p.starts_with("/pair/lib")));
    }
}
