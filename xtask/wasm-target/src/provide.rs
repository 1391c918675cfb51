//! The routes to a std, in order; the first that works wins, and the last error names them all.

use std::path::Path;
use std::process::Command;

use crate::build_std::build_std;
use crate::debian::{self, Archive};
use crate::env;
use crate::error::Error;
use crate::given;
use crate::libc;
use crate::run::run;
use crate::rustc::Rustc;
use crate::store::{Draft, Store};
use crate::target::{Compiler, TARGET, WasmTarget};

/// Finds or makes a std for wasm32-wasip2; `progress` hears one sentence a stage.
///
/// 1. what is installed, or was made earlier for exactly this compiler;
/// 2. the folder in `PARACLE_WASM_STD`, if that is set;
/// 3. `rustup target add`, which adds it for every project of this user (not where `RUSTUP_AUTO_INSTALL` is 0: whoever set
///    that wants nothing fetched by rustup on its own);
/// 4. std built from its source: rustup's `rust-src`, Debian's of the same version, or
/// 5. Debian's own compiler and source, which always match each other.
///
/// Two processes may call this at once: one makes, the other waits.
pub fn provide(progress: &mut dyn FnMut(&str)) -> Result<WasmTarget, Error> {
    let rustc = Rustc::probe()?;
    if rustc.has_std() {
        return Ok(installed(&rustc));
    }
    let store = Store::of(&rustc)?;
    if let Some(made) = store.open(&rustc) {
        return Ok(made);
    }
    let lock = store.lock(progress)?;
    // Another process may have finished while this one waited.
    if let Some(made) = store.open(&rustc) {
        return Ok(made);
    }
    let made = make(&rustc, &store, progress);
    drop(lock);
    made
}

/// Describes the target that was installed beside the compiler.
fn installed(rustc: &Rustc) -> WasmTarget {
    WasmTarget {
        key: format!("{}-installed", rustc.version.key()),
        origin: format!("installed beside rustc {}", rustc.version.release),
        sysroot: None,
        compiler: Compiler {
            rustc: std::env::var_os("RUSTC").map(|_| rustc.program.clone()),
            ..Compiler::default()
        },
    }
}

/// Goes through the routes that change something.
fn make(rustc: &Rustc, store: &Store, progress: &mut dyn FnMut(&str)) -> Result<WasmTarget, Error> {
    let draft = store.draft()?;
    let keep = |origin: &str| {
        store.keep(&draft, origin)?;
        store.open(rustc).ok_or_else(|| {
            Error::Missing("the std that was just made has gone; run the command again".to_owned())
        })
    };
    if let Some(folder) = std::env::var_os("PARACLE_WASM_STD").filter(|value| !value.is_empty()) {
        progress("making the wasm32-wasip2 std from PARACLE_WASM_STD");
        return keep(&given::from_folder(Path::new(&folder), rustc, &draft)?);
    }

    let mut tried = Vec::new();
    if rustup_may_fetch(std::env::var_os("RUSTUP_AUTO_INSTALL").as_deref()) {
        progress("asking rustup for the target wasm32-wasip2");
        match by_rustup(rustc) {
            Ok(()) => return Ok(installed(rustc)),
            Err(error) => tried.push(("rustup target add", Box::new(error))),
        }
    } else {
        let off = Error::Missing("not asked, because RUSTUP_AUTO_INSTALL is 0".to_owned());
        tried.push(("rustup target add", Box::new(off)));
    }
    let archive = Archive::of_this_machine(&draft);
    match from_source(rustc, &draft, archive.as_ref(), progress) {
        Ok(origin) => return keep(&origin),
        Err(error) => tried.push(("std's source of this version", Box::new(error))),
    }
    draft.reset()?;
    match archive.and_then(|archive| debian::pair(&archive, rustc, &draft, progress)) {
        Ok(origin) => keep(&origin),
        Err(error) => {
            tried.push(("Debian's own compiler and source", Box::new(error)));
            Err(Error::NoStd {
                release: rustc.version.release.clone(),
                tried,
            })
        }
    }
}

/// Tells whether this machine's owner lets rustup fetch without being asked to.
fn rustup_may_fetch(auto_install: Option<&std::ffi::OsStr>) -> bool {
    auto_install.is_none_or(|value| value != "0")
}

/// Lets rustup install the target; where it cannot reach its server it fails within seconds.
fn by_rustup(rustc: &Rustc) -> Result<(), Error> {
    let mut command = Command::new("rustup");
    env::clean(&mut command);
    run("add the target", command.args(["target", "add", TARGET]))?;
    if rustc.has_std() {
        return Ok(());
    }
    Err(Error::Missing(format!(
        "rustup added it to another toolchain than that of `{}`",
        rustc.program.to_string_lossy()
    )))
}

/// Builds std from source of exactly this compiler's version.
fn from_source(
    rustc: &Rustc,
    draft: &Draft,
    archive: Result<&Archive<'_>, &Error>,
    progress: &mut dyn FnMut(&str),
) -> Result<String, Error> {
    let work = draft.work("source")?;
    let no_archive = |error: &Error| Error::Missing(error.to_string());
    let (library, library_from) = match given::library_below(&rustc.sysroot, rustc)
        .or_else(|| given::library_below(Path::new("/"), rustc))
    {
        Some(library) => (library, "rust-src on this machine".to_owned()),
        None => debian::library(archive.map_err(no_archive)?, rustc, &work, progress)?,
    };
    let (libc, libc_from) = match libc::installed() {
        Some(libc) => (libc, "wasi-libc on this machine".to_owned()),
        None => debian::libc(archive.map_err(no_archive)?, &work, progress)?,
    };
    let source = given::prepare(&library, libc, &work.join("copy"))?;
    progress("building the wasm32-wasip2 std from source");
    build_std(&Compiler::default(), &source, &work, &draft.sysroot())?;
    Ok(format!("std built from {library_from} with {libc_from}"))
}

#[cfg(test)]
mod tests {
    use super::rustup_may_fetch;

    #[test]
    fn rustup_is_left_alone_where_its_owner_switched_fetching_off() {
        assert!(rustup_may_fetch(None));
        assert!(rustup_may_fetch(Some("1".as_ref())));
        assert!(!rustup_may_fetch(Some("0".as_ref())));
    }
}
