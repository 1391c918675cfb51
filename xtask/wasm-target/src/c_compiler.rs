//! A C compiler for the target: that of a WASI SDK, or Debian's clang with the wasi-libc that std is built on.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian::{self, Archive};
use crate::error::{At as _, Error};
use crate::rustc::Rustc;
use crate::store::{Store, shared_libraries};
use crate::target::{Compiler, TARGET};

/// Says in a finished folder where its libc is; written last.
const MADE: &str = "libc.txt";

/// A compiler of C, with all that it needs.
#[derive(Debug)]
pub struct CCompiler {
    program: PathBuf,
    around: Compiler,
    arguments: Vec<OsString>,
}

impl CCompiler {
    /// Prepares a call that compiles and links a component without a `main`; sources and output are for the caller to add.
    pub fn reactor(&self) -> Command {
        let mut command = Command::new(&self.program);
        self.around.apply(&mut command);
        command.arg(format!("--target={TARGET}"));
        command.arg("-mexec-model=reactor").args(&self.arguments);
        command
    }
}

/// Finds a compiler in `WASI_SDK_PATH`, or fetches Debian's into a folder; nothing is installed.
pub fn c_compiler(folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<CCompiler, Error> {
    if let Some(sdk) = std::env::var_os("WASI_SDK_PATH").map(PathBuf::from) {
        return Ok(CCompiler {
            program: sdk.join("bin/clang"),
            around: Compiler::default(),
            arguments: Vec::new(),
        });
    }
    let rustc = Rustc::probe()?;
    if !folder.join(MADE).is_file() {
        fetch(folder, &rustc, progress).map_err(|error| {
            Error::Missing(format!(
                "no C compiler for {TARGET} could be had: {error}; install a WASI SDK and set WASI_SDK_PATH to its folder"
            ))
        })?;
    }
    open(folder, &rustc)
}

/// Fetches and unpacks the packages.
fn fetch(folder: &Path, rustc: &Rustc, progress: &mut dyn FnMut(&str)) -> Result<(), Error> {
    let store = Store::of(rustc)?;
    let lock = store.lock(progress)?;
    let draft = store.draft()?;
    let archive = Archive::of_this_machine(&draft)?;
    let clang = folder.join("clang");
    fs::create_dir_all(&clang).at("create", &clang)?;
    debian::clang(&archive, &clang, progress)?;
    let (libc, _) = debian::libc(&archive, folder, progress)?;
    let made = folder.join(MADE);
    let libc = libc.to_string_lossy().into_owned();
    fs::write(&made, libc).at("write", &made)?;
    drop(lock);
    Ok(())
}

/// Describes what was unpacked.
fn open(folder: &Path, rustc: &Rustc) -> Result<CCompiler, Error> {
    let clang = folder.join("clang");
    let made = folder.join(MADE);
    let libc = PathBuf::from(fs::read_to_string(&made).at("read", &made)?);
    let lacks =
        |what: &str| Error::Missing(format!("`{}` has no {what}: remove it", folder.display()));
    let llvm = clang.join(format!("usr/lib/llvm-{}", debian::CLANG));
    let program = llvm.join("bin/clang");
    let builtins = llvm.join(format!(
        "lib/clang/{}/lib/wasi/libclang_rt.builtins-wasm32.a",
        debian::CLANG
    ));
    if !program.is_file() || !builtins.is_file() {
        return Err(lacks("clang, or no builtins for WebAssembly"));
    }
    // `usr`, in which are `include` and `lib`.
    let sysroot = libc.ancestors().nth(2).ok_or_else(|| lacks("wasi-libc"))?;
    let mut root = OsString::from("--sysroot=");
    root.push(sysroot);
    let mut libraries = Vec::new();
    shared_libraries(&clang.join("usr/lib"), 3, &mut libraries);
    libraries.sort();
    Ok(CCompiler {
        program,
        // Rust's own linkers: what makes the component is the same for all guests.
        around: Compiler {
            rustc: None,
            programs: vec![rustc.tools(), rustc.tools().join("gcc-ld")],
            libraries,
        },
        arguments: vec![
            root,
            "-nodefaultlibs".into(),
            "-lc".into(),
            builtins.into_os_string(),
        ],
    })
}
