//! Folders of this user alone.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use super::PrivateError;

/// Bits that let somebody else write.
pub(super) const OTHERS_WRITE: u32 = 0o022;

/// Makes a folder for this user alone, or checks that it is one.
pub fn make_folder(path: &Path) -> Result<(), PrivateError> {
    let failed = |source| PrivateError::file(path, source);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(failed)?;
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if !metadata.is_dir() {
        return Err(PrivateError::open(
            path,
            "it is a link or a file",
            "put a folder there, or name another one",
        ));
    }
    check_owner(path, &metadata)?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(PrivateError::open(
            path,
            "others may write to it",
            "`chmod 700` it",
        ));
    }
    Ok(())
}

pub(super) fn check_owner(path: &Path, metadata: &fs::Metadata) -> Result<(), PrivateError> {
    if metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(PrivateError::open(
        path,
        "it belongs to another user",
        "use one of your own",
    ))
}
