//! Compiled code and descriptions on disk, so that a plugin is compiled once a machine.
//!
//! Compiled code is machine code that the process will run. It is therefore only taken from a file of this user that
//! nobody else can write to, and that says by the person's key that this host wrote these bytes for this component and
//! this engine. Anything else is compiled again.

#![expect(
    clippy::disallowed_methods,
    reason = "the cache is a room of files of its own"
)]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::model::{Digest, KEY_BYTES, Mac, PurposeKey, UserKey};

/// Bits that let somebody else write.
const OTHERS_WRITE: u32 = 0o022;

/// What the key is used for here. Changing it makes all that was kept worthless.
const PURPOSE: &str = "paracle-host 2026 compiled code and descriptions";

/// No compiled component is larger; a larger file is not read into memory.
const LARGEST: u64 = 1 << 30;

const COMPILED: &str = "cwasm";

/// A folder of compiled components and their descriptions; absent where it cannot be trusted.
pub(super) struct Cache {
    kept: Option<Kept>,
}

struct Kept {
    folder: PathBuf,
    engine_key: String,
    key: PurposeKey,
}

impl Cache {
    /// Opens the cache of one engine configuration. Without the person's key there is none.
    pub(super) fn open(root: &Path, engine_key: &str, key: Option<&UserKey>) -> Self {
        let Some(key) = key else {
            return Self { kept: None };
        };
        let folder = root.join(engine_key);
        match make_private(root).and_then(|()| make_private(&folder)) {
            Ok(()) => Self {
                kept: Some(Kept {
                    folder,
                    engine_key: engine_key.to_owned(),
                    key: key.purpose(PURPOSE),
                }),
            },
            Err(error) => {
                tracing::warn!(
                    folder = %folder.display(), %error,
                    "compiled plugins are not kept: the cache folder must belong to this user alone"
                );
                Self { kept: None }
            }
        }
    }

    /// Loads compiled code, if there is some that can be trusted and fits this engine.
    pub(super) fn component(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let code = self.load(digest, COMPILED)?;
        // From the bytes that were verified, not from the file, which a program of this user could change meanwhile.
        #[expect(
            unsafe_code,
            reason = "machine code that this host wrote itself, as the person's key says"
        )]
        unsafe { Component::deserialize(engine, &code) }
            .inspect_err(|error| tracing::debug!(%error, "compiled code does not fit"))
            .ok()
    }

    /// Keeps compiled code. A failure costs time later, and nothing now.
    pub(super) fn keep_component(&self, digest: &Digest, component: &Component) {
        match component.serialize() {
            Ok(code) => self.keep(digest, COMPILED, &code),
            Err(error) => tracing::debug!(%error, "compiled code is not kept"),
        }
    }

    /// Loads what was kept beside a component.
    pub(super) fn text(&self, digest: &Digest, name: &str) -> Option<String> {
        String::from_utf8(self.load(digest, name)?).ok()
    }

    /// Keeps a file beside a component.
    pub(super) fn keep(&self, digest: &Digest, name: &str, bytes: &[u8]) {
        let Some(kept) = &self.kept else {
            return;
        };
        let path = kept.path(digest, name);
        let mac = kept.mac(digest, name, bytes);
        if let Err(error) = write_whole(&path, &[bytes, mac.bytes()]) {
            tracing::debug!(path = %path.display(), %error, "not kept");
        }
    }

    /// Returns the bytes of an entry; none where it is not there, or is not what this host wrote under this name.
    fn load(&self, digest: &Digest, name: &str) -> Option<Vec<u8>> {
        let kept = self.kept.as_ref()?;
        let path = kept.path(digest, name);
        let not_used = |error: &dyn std::fmt::Display| {
            // Loud: nothing honest changes a file here, and what is done about it costs time only.
            tracing::warn!(path = %path.display(), %error, "a kept file is not used, and made again");
        };
        let mut bytes = match read_private(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    not_used(&error);
                }
                return None;
            }
        };
        let written = bytes
            .len()
            .checked_sub(KEY_BYTES)
            .and_then(|length| bytes.split_off(length).try_into().ok())
            .map(Mac::from_bytes);
        if written == Some(kept.mac(digest, name, &bytes)) {
            Some(bytes)
        } else {
            not_used(&"it is not what this host wrote under this name with this key");
            None
        }
    }
}

impl Kept {
    fn path(&self, digest: &Digest, name: &str) -> PathBuf {
        self.folder.join(format!("{}.{name}", digest.hex()))
    }

    fn mac(&self, digest: &Digest, name: &str, bytes: &[u8]) -> Mac {
        self.key.mac(&[
            self.engine_key.as_bytes(),
            digest.hex().as_bytes(),
            name.as_bytes(),
            bytes,
        ])
    }
}

/// Reads a file that only this user can write to: what was checked is what is read.
fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::OpenOptions::new()
        .read(true)
        // Neither a link is followed, nor a pipe waited for.
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    check_private(&metadata)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(io::Error::other("it is no file of ours"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
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
fn write_whole(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", ulid::Ulid::generate()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        // On the disk before it has its name: after a power cut, a name with half a file behind it is worse than none.
        .and_then(|mut file| {
            parts.iter().try_for_each(|part| file.write_all(part))?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The rest of a failed write is only litter; the error that matters is the first.
        drop(fs::remove_file(&temporary));
    }
    written
}
