//! The folder that a person names in `PARACLE_WASM_STD`, for machines without any network.

use std::path::{Path, PathBuf};

use crate::build_std::{Source, build_std, prove};
use crate::error::Error;
use crate::libc;
use crate::run::copy_folder;
use crate::rustc::{Rustc, holds_std};
use crate::store::Draft;
use crate::target::Compiler;

/// Makes a std from what the folder holds; returns what it was made from.
pub(crate) fn from_folder(folder: &Path, rustc: &Rustc, draft: &Draft) -> Result<String, Error> {
    let bad = |reason: String| Error::Given {
        path: folder.to_owned(),
        reason,
    };
    let compiler = Compiler::default();
    let work = draft.work("given")?;
    if holds_std(folder) {
        let lib = folder.join("lib/rustlib").join(crate::TARGET);
        copy_folder(
            &lib,
            &draft.sysroot().join("lib/rustlib").join(crate::TARGET),
            "",
        )?;
        prove(&compiler, &work, &draft.sysroot()).map_err(|error| bad(error.to_string()))?;
        return Ok(format!("the sysroot `{}`", folder.display()));
    }
    let library = library_below(folder, rustc).ok_or_else(|| {
        bad(format!(
            "it has no `library/std` of rustc {}",
            rustc.version.release
        ))
    })?;
    let libc = libc::below(folder)
        .or_else(libc::installed)
        .ok_or_else(|| {
            bad(
                "it has no `wasm32-wasip2/` with crt1-command.o, crt1-reactor.o and libc.a"
                    .to_owned(),
            )
        })?;
    let source = prepare(&library, libc, &work)?;
    build_std(&compiler, &source, &work, &draft.sysroot())
        .map_err(|error| bad(error.to_string()))?;
    Ok(format!("std built from `{}`", folder.display()))
}

/// Copies a source that may be read-only to where cargo can work on it.
pub(crate) fn prepare(library: &Path, libc: PathBuf, work: &Path) -> Result<Source, Error> {
    let copy = work.join("library");
    copy_folder(library, &copy, "vendor")?;
    let vendor = Some(library.join("vendor")).filter(|vendor| vendor.is_dir());
    Ok(Source {
        library: copy,
        vendor,
        libc,
    })
}

/// Finds the source of std in a folder, as rustup, Debian and rustc's own tree lay it out.
pub(crate) fn library_below(folder: &Path, rustc: &Rustc) -> Option<PathBuf> {
    let debian = format!("usr/src/rustc-{}/library", rustc.version.release);
    ["library", "lib/rustlib/src/rust/library", &debian]
        .iter()
        .map(|place| folder.join(place))
        .find(|library| library.join("std/Cargo.toml").is_file())
}
