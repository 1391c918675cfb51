//! The person's key: the one place that reads it, and makes it where there is none.
#![expect(clippy::disallowed_methods, reason = "the key is a file")]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::model::{KEY_BYTES, UserKey};

const FILE: &str = "key";

/// Bits that let somebody else write to a folder.
const OTHERS_WRITE: u32 = 0o022;
/// Bits that let somebody else do anything with a file.
const OTHERS: u32 = 0o077;

/// Why there is no key. Without one, nothing that needs to be trusted later is kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or made.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The key, or the folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else could have written it, or could read it.
    #[error("{} is not private: {what}; {fix}", path.display())]
    NotPrivate {
        /// The key, or the folder.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// It is no key.
    #[error("{} has {length} bytes, and a key has {KEY_BYTES}; remove it, and a new one is made", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        length: u64,
    },
}

/// Reads the key in the person's own folder, after making it if there is none.
pub fn open_key(own: &Path) -> Result<UserKey, KeyError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(own)
        .map_err(|source| file(own, source))?;
    if let Some(key) = read_key(own)? {
        return Ok(key);
    }
    let path = own.join(FILE);
    make(own, &path).map_err(|source| file(&path, source))?;
    // Read back: another process may have made the one that stands.
    read_key(own)?.ok_or_else(|| file(&path, io::ErrorKind::NotFound.into()))
}

/// Reads the key in the person's own folder; none if there is none.
pub fn read_key(own: &Path) -> Result<Option<UserKey>, KeyError> {
    match fs::symlink_metadata(own) {
        Ok(folder) => check_folder(own, &folder)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(file(own, source)),
    }
    let path = own.join(FILE);
    let opened = fs::OpenOptions::new()
        .read(true)
        // Neither a link is followed, nor a pipe waited for.
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
        .open(&path);
    let mut key = match opened {
        Ok(key) => key,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(file(&path, source)),
    };
    let metadata = key.metadata().map_err(|source| file(&path, source))?;
    check_owner(&path, &metadata)?;
    if metadata.mode() & OTHERS != 0 {
        return Err(KeyError::NotPrivate {
            path,
            what: "others may read or change it",
            fix: "if nobody else did, `chmod 600` it; else remove it, and a new one is made",
        });
    }
    let length = metadata.len();
    let mut bytes = [0; KEY_BYTES];
    if length != KEY_BYTES as u64 || !metadata.is_file() {
        return Err(KeyError::Length { path, length });
    }
    key.read_exact(&mut bytes)
        .map_err(|source| file(&path, source))?;
    Ok(Some(UserKey::new(bytes)))
}

/// Makes a key whole and then gives it its name, unless another process was first.
fn make(own: &Path, path: &Path) -> io::Result<()> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let temporary = own.join(format!("{FILE}.{}.tmp", ulid::Ulid::generate()));
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
        // A link is made only where nothing has the name.
        .and_then(|()| match fs::hard_link(&temporary, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    // A second name of the key that stays is as private as the first.
    drop(fs::remove_file(&temporary));
    made
}

fn check_folder(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    if !metadata.is_dir() {
        return Err(KeyError::NotPrivate {
            path: path.to_owned(),
            what: "it is a link or a file",
            fix: "put a folder there, or name another in PARACLE_CONFIG_DIR",
        });
    }
    check_owner(path, metadata)?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(KeyError::NotPrivate {
            path: path.to_owned(),
            what: "others may write to it",
            fix: "`chmod 700` it",
        });
    }
    Ok(())
}

fn check_owner(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    if metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(KeyError::NotPrivate {
        path: path.to_owned(),
        what: "it belongs to another user",
        fix: "name a folder of your own in PARACLE_CONFIG_DIR",
    })
}

fn file(path: &Path, source: io::Error) -> KeyError {
    KeyError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn same(one: &UserKey, other: &UserKey) -> bool {
        one.purpose("test").mac(&[]) == other.purpose("test").mac(&[])
    }

    #[test]
    fn threads_that_make_the_key_at_once_have_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("a/own");
        assert!(read_key(&own).unwrap().is_none());
        let keys: Vec<UserKey> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| open_key(&own))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap().unwrap())
                .collect()
        });
        assert!(keys.iter().all(|key| same(key, &keys[0])));
        assert!(same(&read_key(&own).unwrap().unwrap(), &keys[0]));
        let names: Vec<_> = fs::read_dir(&own).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
        let mode = fs::metadata(own.join(FILE)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_is_not_private_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        open_key(&own).unwrap();
        let chmod = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let refused = || matches!(open_key(&own), Err(KeyError::NotPrivate { .. }));
        chmod(&own.join(FILE), 0o640);
        assert!(refused());
        chmod(&own.join(FILE), 0o600);
        chmod(&own, 0o777);
        assert!(refused());
        chmod(&own, 0o700);
        assert!(open_key(&own).is_ok());
        fs::write(own.join(FILE), b"short").unwrap();
        assert!(matches!(open_key(&own), Err(KeyError::Length { .. })));
        fs::remove_file(own.join(FILE)).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", own.join(FILE)).unwrap();
        assert!(matches!(open_key(&own), Err(KeyError::File { .. })));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&own, &link).unwrap();
        assert!(matches!(open_key(&link), Err(KeyError::NotPrivate { .. })));
    }
}
