//! The compiler that is asked to emit wasm32-wasip2: which one, and what it has.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env;
use crate::error::Error;
use crate::run::run;
use crate::target::TARGET;

/// A compiler, and where it keeps its things.
#[derive(Debug)]
pub(crate) struct Rustc {
    /// `$RUSTC` if the caller set it, for a build script cargo does.
    pub(crate) program: OsString,
    pub(crate) version: Version,
    /// The folder that holds `lib/rustlib`.
    pub(crate) sysroot: PathBuf,
}

/// What `rustc -vV` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) release: String,
    /// Absent in compilers that a distribution built.
    pub(crate) commit: Option<String>,
    pub(crate) host: String,
    /// A digest of the whole text, for compilers without a commit.
    digest: u64,
}

impl Rustc {
    /// Asks the compiler that cargo would use.
    pub(crate) fn probe() -> Result<Self, Error> {
        let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let ask = |arguments: &[&str]| {
            let mut command = Command::new(&program);
            env::clean(&mut command);
            run(
                &format!("ask `rustc {}`", arguments.join(" ")),
                command.args(arguments),
            )
        };
        let version = Version::parse(&ask(&["-vV"])?)?;
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?.trim());
        Ok(Self {
            program,
            version,
            sysroot,
        })
    }

    /// Says whether the target was installed beside the compiler, by rustup or by a distribution.
    pub(crate) fn has_std(&self) -> bool {
        holds_std(&self.sysroot)
    }

    /// Returns the folder with rustc's own copies of `rust-lld` and `wasm-component-ld`.
    pub(crate) fn tools(&self) -> PathBuf {
        self.sysroot
            .join("lib/rustlib")
            .join(&self.version.host)
            .join("bin")
    }
}

impl Version {
    fn parse(text: &str) -> Result<Self, Error> {
        let field = |name: &str| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.map(|value| value.trim().to_owned())
        };
        let (Some(release), Some(host)) = (field("release"), field("host")) else {
            return Err(Error::Missing(format!(
                "`rustc -vV` names no release and host, but says {text:?}; reinstall the compiler"
            )));
        };
        let commit = field("commit-hash").filter(|commit| commit != "unknown");
        Ok(Self {
            release,
            commit,
            host,
            digest: digest(text),
        })
    }

    /// Returns a file name that is the same for exactly the same compiler.
    pub(crate) fn key(&self) -> String {
        match &self.commit {
            Some(commit) => {
                let short = &commit[..commit.len().min(12)];
                format!("{}-{short}-{}", self.release, self.host)
            }
            None => format!("{}-{:016x}-{}", self.release, self.digest, self.host),
        }
    }

    /// Returns major and minor, for instance `(1, 95)`.
    pub(crate) fn minor_of(release: &str) -> Option<(u32, u32)> {
        let mut parts = release.split(|c: char| !c.is_ascii_digit());
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

/// Says whether a sysroot holds a std for the target, complete enough to link with.
pub(crate) fn holds_std(sysroot: &Path) -> bool {
    let lib = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let has_rlib = std::fs::read_dir(&lib).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    });
    has_rlib && lib.join("self-contained/crt1-command.o").is_file()
}

/// Returns the FNV-1a hash of a text: stable between releases of Rust, which std's own hasher is not.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSTUP: &str = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\n\
        commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860\ncommit-date: 2026-04-14\n\
        host: x86_64-unknown-linux-gnu\nrelease: 1.95.0\nLLVM version: 22.1.2\n";

    #[test]
    fn the_key_names_release_commit_and_host() {
        let version = Version::parse(RUSTUP).unwrap();
        assert_eq!(
            version.key(),
            "1.95.0-59807616e1fa-x86_64-unknown-linux-gnu"
        );
    }

    #[test]
    fn without_a_commit_the_key_follows_the_whole_text() {
        let of = |text: &str| Version::parse(text).unwrap().key();
        let debian = "rustc 1.96.0 (built from a source tarball)\ncommit-hash: unknown\n\
            host: x86_64-unknown-linux-gnu\nrelease: 1.96.0\n";
        assert_eq!(of(debian), of(debian));
        assert_ne!(of(debian), of(&format!("{debian}LLVM version: 22.1.8\n")));
        assert!(!of(debian).contains("unknown-0"), "{}", of(debian));
    }

    #[test]
    fn a_text_without_a_release_is_refused() {
        let error = Version::parse("rustc\n").unwrap_err().to_string();
        assert!(error.contains("names no release"), "{error}");
    }

    #[test]
    fn releases_are_read_up_to_the_minor() {
        assert_eq!(Version::minor_of("1.95.0"), Some((1, 95)));
        assert_eq!(Version::minor_of("1.97.0-nightly"), Some((1, 97)));
        assert_eq!(Version::minor_of("1.96.0+dfsg1-1~deb12u2"), Some((1, 96)));
        assert_eq!(Version::minor_of("x"), None);
    }
}
