//! Which packages hold what is needed, and in which suites they are looked for.

use std::path::{Path, PathBuf};

use super::apt::{Apt, unpack};
use super::archive::Archive;
use crate::build_std::build_std;
use crate::error::Error;
use crate::given;
use crate::libc as wasi_libc;
use crate::rustc::{Rustc, Version};
use crate::store::{Draft, pair_in};

/// Suites beside the machine's own that may have the source of a recent compiler: the small lists first.
const SUITES: &[&str] = &["trixie-backports", "testing", "unstable"];

/// The oldest compiler that builds the guests: `rust-version` of the workspace.
const OLDEST: (u32, u32) = (1, 95);

/// Compilers that Debian keeps together with their source, newest first.
const PAIRS: &[(&str, &str)] = &[("rustc-web", "rust-web-src"), ("rustc", "rust-src")];

/// Fetches the source of std of exactly this compiler's release, into `work`.
pub(crate) fn library(
    archive: &Archive<'_>,
    rustc: &Rustc,
    work: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<(PathBuf, String), Error> {
    let release = &rustc.version.release;
    let backports = format!("{}-backports", archive.codename());
    let mut suites: Vec<&str> = SUITES.to_vec();
    if !suites.contains(&backports.as_str()) {
        suites.insert(1, &backports);
    }
    progress("looking for std's source in Debian's archive");
    let mut failed = None;
    for suite in suites {
        let found = archive.suite(suite).and_then(|apt| {
            let version = exactly(&apt, "rust-src", release)?;
            Ok((apt, version))
        });
        let (apt, version) = match found {
            Ok(found) => found,
            Err(error) => {
                failed = failed.or(Some(error));
                continue;
            }
        };
        progress("fetching std's source from Debian");
        let folder = format!("./usr/src/rustc-{release}/library");
        for deb in apt.download(&[format!("rust-src={version}")])? {
            unpack(&deb, Some(&folder), work)?;
        }
        let library = given::library_below(work, rustc).ok_or_else(|| {
            Error::Missing(format!("the package rust-src {version} has no `{folder}`"))
        })?;
        return Ok((library, format!("Debian's rust-src {version}")));
    }
    Err(failed.unwrap_or_else(|| Error::Missing("no suite was tried".to_owned())))
}

/// Fetches a wasi-libc that knows the target, into `work`.
pub(crate) fn libc(
    archive: &Archive<'_>,
    work: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<(PathBuf, String), Error> {
    progress("fetching wasi-libc from Debian");
    let backports = format!("{}-backports", archive.codename());
    let mut failed = None;
    for suite in [
        "trixie-backports",
        &backports,
        archive.codename(),
        "testing",
    ] {
        let found = archive.suite(suite).and_then(|apt| {
            let versions = apt.versions("wasi-libc")?;
            let version = versions.first().ok_or_else(|| {
                Error::Missing(format!("Debian's {suite} has no package wasi-libc"))
            })?;
            let folder = work.join(format!("libc-{suite}"));
            std::fs::create_dir_all(&folder).map_err(|source| Error::Io {
                what: "create",
                path: folder.clone(),
                source,
            })?;
            for deb in apt.download(&[format!("wasi-libc={version}")])? {
                unpack(&deb, None, &folder)?;
            }
            let libc = wasi_libc::below(&folder).ok_or_else(|| {
                Error::Missing(format!("wasi-libc {version} is older than wasm32-wasip2"))
            })?;
            Ok((libc, format!("wasi-libc {version}")))
        });
        match found {
            Ok(found) => return Ok(found),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or_else(|| Error::Missing("no suite was tried".to_owned())))
}

/// The clang whose builtins for WebAssembly Debian packs; the version that the guests in C are built with.
pub(crate) const CLANG: u32 = 19;

/// Fetches clang with its builtins for WebAssembly, into `folder`.
pub(crate) fn clang(
    archive: &Archive<'_>,
    folder: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    progress("fetching clang from Debian");
    let packages = [
        format!("clang-{CLANG}"),
        format!("libclang-rt-{CLANG}-dev-wasm32"),
    ];
    for deb in archive.own_suites()?.download_with_needs(&packages)? {
        unpack(&deb, None, folder)?;
    }
    Ok(())
}

/// Fetches a compiler together with its own source, and builds std with it; guests then need that compiler.
pub(crate) fn pair(
    archive: &Archive<'_>,
    rustc: &Rustc,
    draft: &Draft,
    progress: &mut dyn FnMut(&str),
) -> Result<String, Error> {
    if !rustc.tools().join("rust-lld").is_file() {
        return Err(Error::Missing(format!(
            "`{}` has no rust-lld; install the compiler by rustup",
            rustc.tools().display()
        )));
    }
    progress("looking for a compiler with its source in Debian's archive");
    let apt = archive.own_suites()?;
    let (compiler, source, version) = newest_pair(&apt)?;
    progress("fetching Debian's compiler and its source");
    let work = draft.work("pair")?;
    let place = draft.sysroot().join("compiler");
    for folder in [&place, &work.join("source")] {
        std::fs::create_dir_all(folder).map_err(|error| Error::Io {
            what: "create",
            path: folder.clone(),
            source: error,
        })?;
    }
    let upstream = version.split(['+', '-', '~']).next().unwrap_or(&version);
    let library = format!("./usr/src/rustc-{upstream}/library");
    for deb in apt.download(std::slice::from_ref(&source))? {
        unpack(&deb, Some(&library), &work.join("source"))?;
    }
    for deb in apt.download_with_needs(std::slice::from_ref(&compiler))? {
        unpack(&deb, None, &place)?;
    }
    let (libc, libc_from) = match wasi_libc::installed() {
        Some(libc) => (libc, "wasi-libc on this machine".to_owned()),
        None => self::libc(archive, &work, progress)?,
    };
    progress("building the wasm32-wasip2 std with Debian's compiler");
    let library = work
        .join("source/usr/src")
        .join(format!("rustc-{upstream}/library"));
    let source = given::prepare(&library, libc, &work.join("copy"))?;
    build_std(
        &pair_in(&draft.sysroot(), rustc),
        &source,
        &work,
        &draft.sysroot(),
    )?;
    Ok(format!(
        "std and compiler from Debian's {compiler} with {libc_from}"
    ))
}

/// Chooses a compiler and its source, as `name=version` each, and returns the source's version.
fn newest_pair(apt: &Apt) -> Result<(String, String, String), Error> {
    for (compiler, source) in PAIRS {
        let sources = apt.versions(source)?;
        for version in apt.versions(compiler)? {
            let recent = Version::minor_of(&version).is_some_and(|minor| minor >= OLDEST);
            // A rebuild of the binary alone has the source's version and `+b1`.
            let same = sources
                .iter()
                .find(|of| version.split("+b").next() == Some(of.as_str()));
            if let (true, Some(of)) = (recent, same) {
                return Ok((
                    format!("{compiler}={version}"),
                    format!("{source}={of}"),
                    of.clone(),
                ));
            }
        }
    }
    let (major, minor) = OLDEST;
    Err(Error::Missing(format!(
        "this machine's suites have no compiler from {major}.{minor} on with its source"
    )))
}

/// Finds the version of a package that was made from one upstream release.
fn exactly(apt: &Apt, package: &str, release: &str) -> Result<String, Error> {
    let versions = apt.versions(package)?;
    versions
        .iter()
        .find(|version| is_release(version, release))
        .cloned()
        .ok_or_else(|| {
            let has = if versions.is_empty() {
                "none".to_owned()
            } else {
                versions.join(", ")
            };
            Error::Missing(format!("Debian has {package} in {has}, not {release}"))
        })
}

/// Says whether a package's version is of one upstream release.
fn is_release(version: &str, release: &str) -> bool {
    version
        .strip_prefix(release)
        .is_some_and(|rest| rest.starts_with(['+', '-', '~']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exactly_the_release_matches() {
        assert!(is_release("1.95.0+dfsg1-2~bpo13+1", "1.95.0"));
        assert!(is_release("1.95.0-1", "1.95.0"));
        assert!(!is_release("1.95.01-1", "1.95.0"));
        assert!(!is_release("1.96.0+dfsg1-1", "1.95.0"));
    }
}
