//! Folders and files that belong to this user alone.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use super::GrantsError;

/// Bits that let somebody else write.
const OTHERS_WRITE: u32 = 0o022;

/// Makes a folder for this user alone, or checks that it is one.
pub(super) fn folder(path: &Path) -> Result<(), GrantsError> {
    let failed = |source: io::Error| GrantsError::File {
        path: path.to_owned(),
        source,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(failed)?;
    check(path, &fs::symlink_metadata(path).map_err(failed)?)
}

/// Checks that nobody else could have written a file or folder.
pub(super) fn check(path: &Path, metadata: &fs::Metadata) -> Result<(), GrantsError> {
    let reason = if metadata.is_symlink() {
        "it is a symbolic link"
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        "it belongs to another user"
    } else if metadata.mode() & OTHERS_WRITE != 0 {
        "others may write to it"
    } else {
        return Ok(());
    };
    Err(GrantsError::NotPrivate {
        path: path.to_owned(),
        reason,
    })
}
