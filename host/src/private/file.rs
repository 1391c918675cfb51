//! Files of this user alone: opened and checked as one, and written whole.

#![expect(
    clippy::disallowed_methods,
    reason = "private files are opened and written here"
)]

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use super::PrivateError;
use super::folder::{OTHERS_WRITE, check_owner};

/// Bits that let somebody else do anything.
const OTHERS_ANYTHING: u32 = 0o077;

/// What others may do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Read it: what is in it is no secret, but nobody else may have written it.
    MayRead,
    /// Nothing: it is a secret.
    Nothing,
}

/// Opens a file of the host's own for reading, if it is there: what was checked is what is read. Returns it with its length in
/// bytes. A link is none of the host's files.
pub fn open(path: &Path, others: Others) -> Result<Option<(fs::File, u64)>, PrivateError> {
    open_with(path, others, OFlags::NOFOLLOW)
}

/// Opens a file that a person keeps, wherever links lead to it, in the same way.
pub fn open_linked(path: &Path, others: Others) -> Result<Option<(fs::File, u64)>, PrivateError> {
    open_with(path, others, OFlags::empty())
}

fn open_with(
    path: &Path,
    others: Others,
    flags: OFlags,
) -> Result<Option<(fs::File, u64)>, PrivateError> {
    let opened = fs::OpenOptions::new()
        .read(true)
        // A pipe is not waited for.
        .custom_flags((flags | OFlags::NONBLOCK).bits().cast_signed())
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(PrivateError::file(path, source)),
    };
    let metadata = file
        .metadata()
        .map_err(|source| PrivateError::file(path, source))?;
    check_owner(path, &metadata)?;
    let open = match others {
        Others::MayRead => metadata.mode() & OTHERS_WRITE != 0,
        Others::Nothing => metadata.mode() & OTHERS_ANYTHING != 0,
    };
    if open {
        return Err(match others {
            Others::MayRead => PrivateError::open(
                path,
                "others may write to it",
                "if nobody else did, `chmod go-w` it; else remove it",
            ),
            Others::Nothing => PrivateError::open(
                path,
                "others may read or change it",
                "if nobody else did, `chmod 600` it; else remove it",
            ),
        });
    }
    if !metadata.is_file() {
        return Err(PrivateError::open(path, "it is no file", "remove it"));
    }
    Ok(Some((file, metadata.len())))
}

/// Checks that nobody else could have written a file that a person keeps, wherever links lead to it; one that is not there
/// passes.
pub fn check(path: &Path) -> Result<(), PrivateError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(PrivateError::file(path, source)),
        Ok(metadata) => {
            check_owner(path, &metadata)?;
            if metadata.mode() & OTHERS_WRITE == 0 {
                Ok(())
            } else {
                Err(PrivateError::open(
                    path,
                    "others may write to it",
                    "look at it, then `chmod go-w` it",
                ))
            }
        }
    }
}

/// Writes a file of this user alone, so that others see all of it or none, after a power cut too.
pub fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", ulid::Ulid::generate()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            parts.iter().try_for_each(|part| file.write_all(part))?;
            // On the disk before it has its name: a name with half a file behind it is worse than none.
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The rest of a failed write is only litter; the error that matters is the first.
        drop(fs::remove_file(&temporary));
    }
    written
}
