//! Where a made std is kept: outside `target/`, one folder a compiler, never half made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::{At, Error};
use crate::rustc::{Rustc, digest, holds_std};
use crate::target::{Compiler, WasmTarget};

/// Says what a made folder was made from; written last, so a folder without it is not a made one.
const ORIGIN: &str = "origin.txt";

/// The folder for one compiler's std, whether it exists yet or not.
pub(crate) struct Store {
    root: PathBuf,
    key: String,
}

/// A folder in the making, beside the place where it will stand; removed when dropped.
pub(crate) struct Draft {
    folder: PathBuf,
}

impl Store {
    /// Names the folder for a compiler, without creating anything.
    pub(crate) fn of(rustc: &Rustc) -> Result<Self, Error> {
        let root = root(|name| std::env::var_os(name).map(PathBuf::from))?;
        let root = std::path::absolute(&root).at("resolve", &root)?;
        // Cargo splits the flags in its environment variable at spaces and knows no quoting.
        if root
            .to_str()
            .is_none_or(|root| root.contains(char::is_whitespace))
        {
            return Err(Error::Missing(format!(
                "the cache folder `{}` has a space in its name, which cargo's flags cannot carry; set \
                 PARACLE_WASM_SYSROOT_DIR to a folder without one",
                root.display()
            )));
        }
        Ok(Self {
            root,
            key: rustc.version.key(),
        })
    }

    /// Opens what was made earlier for exactly this compiler.
    pub(crate) fn open(&self, rustc: &Rustc) -> Option<WasmTarget> {
        let sysroot = self.root.join(&self.key);
        let origin = fs::read_to_string(sysroot.join(ORIGIN)).ok()?;
        if !holds_std(&sysroot) {
            return None;
        }
        Some(WasmTarget {
            key: format!("{}-{:08x}", self.key, digest(&origin) >> 32),
            origin: origin.trim().to_owned(),
            compiler: pair_in(&sysroot, rustc),
            sysroot: Some(sysroot),
        })
    }

    /// Waits until no other process makes this folder; the lock goes with the returned file.
    pub(crate) fn lock(&self, progress: &mut dyn FnMut(&str)) -> Result<File, Error> {
        fs::create_dir_all(&self.root).at("create", &self.root)?;
        let path = self.root.join(format!("{}.lock", self.key));
        let file = File::create(&path).at("create", &path)?;
        if file.try_lock().is_err() {
            progress("waiting for another process that makes the wasm32-wasip2 std");
            file.lock().at("lock", &path)?;
        }
        Ok(file)
    }

    /// Starts a folder, after clearing what a killed process left; call it with the lock held.
    pub(crate) fn draft(&self) -> Result<Draft, Error> {
        let folder = self.root.join(format!("{}.draft", self.key));
        remove(&folder)?;
        fs::create_dir_all(folder.join("sysroot")).at("create", &folder)?;
        fs::create_dir_all(folder.join("work")).at("create", &folder)?;
        Ok(Draft { folder })
    }

    /// Puts a finished folder in its place, in one step.
    pub(crate) fn keep(&self, draft: &Draft, origin: &str) -> Result<(), Error> {
        let made = draft.sysroot();
        fs::write(made.join(ORIGIN), format!("{origin}\n")).at("write", made.join(ORIGIN))?;
        let place = self.root.join(&self.key);
        remove(&place)?;
        fs::rename(&made, &place).at("move into place", &place)
    }
}

impl Draft {
    /// Returns the folder that will be kept.
    pub(crate) fn sysroot(&self) -> PathBuf {
        self.folder.join("sysroot")
    }

    /// Creates an empty scratch folder that goes away with the draft.
    pub(crate) fn work(&self, name: &str) -> Result<PathBuf, Error> {
        let folder = self.folder.join("work").join(name);
        remove(&folder)?;
        fs::create_dir_all(&folder).at("create", &folder)?;
        Ok(folder)
    }

    /// Forgets what a failed route left in the folder to be kept.
    pub(crate) fn reset(&self) -> Result<(), Error> {
        remove(&self.sysroot())?;
        fs::create_dir_all(self.sysroot()).at("create", self.sysroot())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nothing to be done if it fails: the next draft clears the folder first and then says why it cannot.
        drop(remove(&self.folder));
    }
}

/// Describes the compiler that a route unpacked into the sysroot, if one did.
pub(crate) fn pair_in(sysroot: &Path, rustc: &Rustc) -> Compiler {
    let pair = sysroot.join("compiler");
    let program = pair.join("usr/bin/rustc");
    if !program.is_file() {
        return Compiler {
            rustc: std::env::var_os("RUSTC").map(|_| rustc.program.clone()),
            ..Compiler::default()
        };
    }
    let mut libraries = Vec::new();
    for below in ["usr/lib", "lib"] {
        shared_libraries(&pair.join(below), 3, &mut libraries);
    }
    libraries.sort();
    Compiler {
        rustc: Some(program.into()),
        programs: vec![rustc.tools()],
        libraries,
    }
}

/// Collects the folders that hold shared libraries.
pub(crate) fn shared_libraries(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // rustlib holds the std of targets, which is found by other means.
        if path.is_dir() && depth > 0 && entry.file_name() != "rustlib" {
            shared_libraries(&path, depth - 1, found);
        } else if entry.file_name().to_string_lossy().contains(".so")
            && found.last().is_none_or(|last| last != folder)
        {
            found.push(folder.to_owned());
        }
    }
    found.dedup();
}

/// Chooses the folder that holds all made ones.
fn root(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf, Error> {
    let set = |name: &str| variable(name).filter(|value| !value.as_os_str().is_empty());
    set("PARACLE_WASM_SYSROOT_DIR")
        .or_else(|| {
            let cache = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
            let cache = cache.or_else(|| Some(set("HOME")?.join(".cache")))?;
            Some(cache.join("paracle-host/wasm-std"))
        })
        .ok_or_else(|| {
            Error::Missing(
                "neither HOME nor XDG_CACHE_HOME is set, so there is no place to keep a built std; set \
                 PARACLE_WASM_SYSROOT_DIR to a folder"
                    .to_owned(),
            )
        })
}

/// Removes a folder that may not be there.
fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.at("remove", folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root_with(variables: &[(&str, &str)]) -> Option<String> {
        let find = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| PathBuf::from(value))
        };
        root(find).ok().map(|path| path.display().to_string())
    }

    #[test]
    fn the_folder_follows_the_variables_in_order() {
        let home = ("HOME", "/home/x");
        let found = root_with(&[home]);
        assert_eq!(
            found.as_deref(),
            Some("/home/x/.cache/paracle-host/wasm-std")
        );
        let found = root_with(&[home, ("XDG_CACHE_HOME", "/c")]);
        assert_eq!(found.as_deref(), Some("/c/paracle-host/wasm-std"));
        let found = root_with(&[
            home,
            ("XDG_CACHE_HOME", ""),
            ("PARACLE_WASM_SYSROOT_DIR", "/s"),
        ]);
        assert_eq!(found.as_deref(), Some("/s"));
        assert_eq!(root_with(&[]), None);
    }

    #[test]
    fn a_draft_is_kept_whole_or_not_at_all() {
        let root = std::env::temp_dir().join(format!("paracle-store-{}", std::process::id()));
        let store = Store {
            root: root.clone(),
            key: "k".to_owned(),
        };
        let lock = store.lock(&mut |_| {}).unwrap();
        drop(store.draft().unwrap());
        assert!(!root.join("k.draft").exists() && !root.join("k").exists());
        let draft = store.draft().unwrap();
        store.keep(&draft, "somewhere").unwrap();
        drop((draft, lock));
        assert_eq!(
            fs::read_to_string(root.join("k/origin.txt")).unwrap(),
            "somewhere\n"
        );
        assert!(!root.join("k.draft").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
