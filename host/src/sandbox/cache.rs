//! Compiled code and descriptions on disk, so that a plugin is compiled once a machine.
//!
//! Compiled code is machine code that the process will run. It is therefore only taken from a file of this user that
//! nobody else can write to, and that says by the person's key that this host wrote these bytes for this component and
//! this engine. Anything else is compiled again.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::model::{Digest, KEY_BYTES, Mac, PurposeKey, UserKey};
use crate::private::{self, Others, PrivateError};

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
        match private::make_folder(root).and_then(|()| private::make_folder(&folder)) {
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
        if let Err(error) = private::replace(&path, &[bytes, mac.bytes()]) {
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
        let mut bytes = match read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return None,
            Err(error) => {
                not_used(&error);
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

/// Reads a file that only this user could have written; none where it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, PrivateError> {
    let Some((mut file, length)) = private::open(path, Others::MayRead)? else {
        return Ok(None);
    };
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(LARGEST)).unwrap_or(0));
    (&mut file)
        .take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|source| PrivateError::File {
            path: path.to_owned(),
            source,
        })?;
    Ok(Some(bytes))
}
