//! The person's key: the one place that reads it, and makes it where there is none.
#![expect(clippy::disallowed_methods, reason = "the key is a file")]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::model::{KEY_BYTES, UserKey};
use crate::private::{self, Others, PrivateError};

const FILE: &str = "key";

/// Why there is no key. Without one, nothing that needs to be trusted later is kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It, or its folder, cannot be used, or is not this user's alone.
    #[error(transparent)]
    Private(#[from] PrivateError),
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
    private::make_folder(own)?;
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
    if !own.exists() {
        return Ok(None);
    }
    private::make_folder(own)?;
    let path = own.join(FILE);
    let Some((mut key, length)) = private::open(&path, Others::Nothing)? else {
        return Ok(None);
    };
    if length != KEY_BYTES as u64 {
        return Err(KeyError::Length { path, length });
    }
    let mut bytes = [0; KEY_BYTES];
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

fn file(path: &Path, source: io::Error) -> KeyError {
    KeyError::Private(PrivateError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

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
        let refused = || {
            matches!(
                open_key(&own),
                Err(KeyError::Private(PrivateError::Open { .. }))
            )
        };
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
        assert!(matches!(
            open_key(&own),
            Err(KeyError::Private(PrivateError::File { .. }))
        ));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&own, &link).unwrap();
        assert!(matches!(
            open_key(&link),
            Err(KeyError::Private(PrivateError::Open { .. }))
        ));
    }
}
