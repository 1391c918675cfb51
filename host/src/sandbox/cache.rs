//! Compiled code and descriptions on disk, so that a plugin is compiled once a machine.
//!
//! Compiled code is machine code that the process will run. It is therefore only read from a folder that belongs to
//! this user and that nobody else can write to; anything else is compiled again.

#![expect(
    clippy::disallowed_methods,
    reason = "the cache is a room of files of its own"
)]

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::model::Digest;

/// Bits that let somebody else write.
const OTHERS_WRITE: u32 = 0o022;

/// A folder of compiled components and their descriptions; absent where the folder cannot be trusted.
pub(super) struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// Opens the cache of one engine configuration.
    pub(super) fn open(root: &Path, engine_key: &str) -> Self {
        let folder = root.join(engine_key);
        match make_private(root).and_then(|()| make_private(&folder)) {
            Ok(()) => Self {
                folder: Some(folder),
            },
            Err(error) => {
                tracing::warn!(
                    folder = %folder.display(), %error,
                    "compiled plugins are not kept: the cache folder must belong to this user alone"
                );
                Self { folder: None }
            }
        }
    }

    /// Loads compiled code, if there is some that can be trusted and fits this engine.
    pub(super) fn component(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(digest, "cwasm")?;
        check_private(&fs::symlink_metadata(&path).ok()?).ok()?;
        // A file that another version or a power cut left behind is refused by wasmtime, and compiled again.
        #[expect(
            unsafe_code,
            reason = "machine code from a folder that only this user can write to"
        )]
        unsafe { Component::deserialize_file(engine, &path) }.ok()
    }

    /// Keeps compiled code. A failure costs time later, and nothing now.
    pub(super) fn keep_component(&self, digest: &Digest, component: &Component) {
        match component.serialize() {
            Ok(code) => self.keep(digest, "cwasm", &code),
            Err(error) => tracing::debug!(%error, "compiled code is not kept"),
        }
    }

    /// Loads what was kept beside a component.
    pub(super) fn text(&self, digest: &Digest, name: &str) -> Option<String> {
        let path = self.path(digest, name)?;
        check_private(&fs::symlink_metadata(&path).ok()?).ok()?;
        fs::read_to_string(path).ok()
    }

    /// Keeps a file beside a component.
    pub(super) fn keep(&self, digest: &Digest, name: &str, bytes: &[u8]) {
        let Some(path) = self.path(digest, name) else {
            return;
        };
        if let Err(error) = write_whole(&path, bytes) {
            tracing::debug!(path = %path.display(), %error, "not kept");
        }
    }

    fn path(&self, digest: &Digest, name: &str) -> Option<PathBuf> {
        Some(
            self.folder
                .as_ref()?
                .join(format!("{}.{name}", digest.hex())),
        )
    }
}

/// Makes a folder for this user alone, or checks that it is one.
pub fn make_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    check_private(&fs::symlink_metadata(folder)?)
}

fn check_private(metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(io::Error::other("others may write to it"));
    }
    Ok(())
}

/// Writes a file so that others see all of it or none.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", ulid::Ulid::generate()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        // On the disk before it has its name: after a power cut, a name with half a file behind it is worse than none.
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The rest of a failed write is only litter; the error that matters is the first.
        drop(fs::remove_file(&temporary));
    }
    written
}
