//! Builds std from its source into a sysroot of our own, and proves that it links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env;
use crate::error::{At, Error};
use crate::run::run;
use crate::rustc::holds_std;
use crate::target::{Compiler, TARGET};

/// The name of the crate that exists only so that cargo builds std for it.
const ANCHOR: &str = "paracle_std_anchor";

/// What a std is built from.
pub(crate) struct Source {
    /// A copy of `library/` that cargo may write to, without `vendor/`.
    pub(crate) library: PathBuf,
    /// The dependencies of std, if the source came with them: for machines that reach no crate registry.
    pub(crate) vendor: Option<PathBuf>,
    /// The folder with `crt1-command.o`, `crt1-reactor.o` and `libc.a`.
    pub(crate) libc: PathBuf,
}

/// Builds std into `sysroot` with `compiler`, in the empty folder `work`.
pub(crate) fn build_std(
    compiler: &Compiler,
    source: &Source,
    work: &Path,
    sysroot: &Path,
) -> Result<(), Error> {
    let anchor = work.join("anchor");
    write(
        &anchor.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"{ANCHOR}\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n"
        ),
    )?;
    write(&anchor.join("src/lib.rs"), "#![no_std]\n")?;

    let online = run(
        "build std from source",
        &mut cargo(compiler, source, &anchor),
    );
    if let (Err(_), Some(vendor)) = (&online, &source.vendor) {
        let mut offline = cargo(compiler, source, &anchor);
        offline
            .arg("--offline")
            .args(["--config", "source.crates-io.replace-with='vendor'"]);
        offline
            .arg("--config")
            .arg(format!("source.vendor.directory='{}'", vendor.display()));
        // The first error is the one to mend if both fail: most machines are meant to reach a crate registry.
        if run("build std offline", &mut offline).is_err() {
            online?;
        }
    } else {
        online?;
    }

    let lib = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let built = anchor.join("target").join(TARGET).join("release/deps");
    copy_rlibs(&built, &lib)?;
    let startup = lib.join("self-contained");
    fs::create_dir_all(&startup).at("create", &startup)?;
    for name in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
        let from = source.libc.join(name);
        fs::copy(&from, startup.join(name)).at("copy", from)?;
    }
    prove(compiler, work, sysroot)
}

/// Compiles and links a small program: a std that cannot do that must not be kept.
pub(crate) fn prove(compiler: &Compiler, work: &Path, sysroot: &Path) -> Result<(), Error> {
    if !holds_std(sysroot) {
        return Err(Error::Missing(format!(
            "the built std lacks files of {TARGET}"
        )));
    }
    let program = work.join("prove.rs");
    write(
        &program,
        "fn main() { println!(\"{:?}\", std::env::args().count()); }\n",
    )?;
    let rustc = compiler.rustc.clone().unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    env::clean(&mut command);
    compiler.apply(&mut command);
    command
        .arg(&program)
        .arg("--sysroot")
        .arg(sysroot)
        .args(["--target", TARGET, "-o"]);
    command.arg(work.join("prove.wasm"));
    run("link a program with the built std", &mut command).map(drop)
}

/// Prepares the cargo call that builds std.
fn cargo(compiler: &Compiler, source: &Source, anchor: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    env::clean(&mut command);
    compiler.apply(&mut command);
    // Machine paths would otherwise end in every guest's panic messages, and change its digest.
    let flags = [
        "-Cembed-bitcode=yes".to_owned(),
        format!(
            "--remap-path-prefix={}=/rustc/library",
            source.library.display()
        ),
        format!("--remap-path-prefix={}=/rust/deps", registry().display()),
    ];
    command
        .current_dir(anchor)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", &source.library)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "--target-dir",
            "target",
        ])
        .args(["-Z", "build-std=std,panic_abort,panic_unwind"]);
    command
}

/// Returns the folder into which cargo unpacks crates.
fn registry() -> PathBuf {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            let home = std::env::var_os("HOME")?;
            Some(PathBuf::from(home).join(".cargo"))
        });
    home.unwrap_or_default().join("registry/src")
}

/// Copies the libraries of std, and not that of the anchor.
fn copy_rlibs(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).at("create", to)?;
    for entry in fs::read_dir(from).at("read", from)? {
        let entry = entry.at("read", from)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".rlib") && !name.contains(ANCHOR) {
            fs::copy(entry.path(), to.join(&*name)).at("copy", entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file and the folders above it.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).at("create", parent)?;
    }
    fs::write(path, text).at("write", path)
}
