//! Locks of refs of our own, which a later process knows for ours if this one is killed.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Repo;

/// How often a name's folders are made again that another process takes away as they are empty.
const FOLDERS: u32 = 50;

/// A lock of ours on a ref, which has a second name in a folder of ours: who finds it after this process was killed knows by that
/// whose it was. Git's own are never broken, however old: git may have stopped while it holds one.
pub(super) struct OwnLock {
    pub(super) path: PathBuf,
    mark: Option<PathBuf>,
    /// The folder that was there, where those below it were made for this lock: their names are not on the disk yet.
    pub(super) above: Option<PathBuf>,
    /// Whether it has become the ref.
    pub(super) landed: bool,
}

impl Drop for OwnLock {
    fn drop(&mut self) {
        let lock = (!self.landed).then_some(&self.path);
        for path in lock.into_iter().chain(&self.mark) {
            if fs::remove_file(path).is_err() {
                // It is broken like that of a killed process.
            }
        }
    }
}

impl Repo {
    /// Takes the lock of a ref.
    pub(super) fn hold_lock(&self, path: &Path) -> io::Result<(File, OwnLock)> {
        let folder = self.marks();
        fs::create_dir_all(&folder)?;
        let mark = folder.join(ulid::Ulid::generate().to_string());
        let marked = File::create_new(&mark)?;
        let mut lock = OwnLock {
            path: path.to_owned(),
            mark: Some(mark.clone()),
            above: None,
            landed: true,
        };
        match in_folder(path, &mut lock.above, || fs::hard_link(&mark, path)) {
            Ok(()) => {
                lock.landed = false;
                Ok((marked, lock))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            // A file system without second names: if this process is killed now, a person removes the lock.
            Err(_) => {
                let file = in_folder(path, &mut lock.above, || File::create_new(path))?;
                lock.landed = false;
                Ok((file, lock))
            }
        }
    }

    /// Returns where the second names of our locks are.
    pub(super) fn marks(&self) -> PathBuf {
        self.common_dir().join("paracle").join("locks")
    }

    /// Removes a ref's lock if it is one of ours. To be called while no process of ours moves a ref, so that it is nobody's.
    pub(super) fn remove_own_lock(&self, path: &Path) {
        let Ok(lock) = fs::symlink_metadata(path) else {
            return;
        };
        for mark in fs::read_dir(self.marks()).into_iter().flatten().flatten() {
            let same = mark
                .metadata()
                .is_ok_and(|mark| (mark.dev(), mark.ino()) == (lock.dev(), lock.ino()));
            // The lock first: without its mark nobody would know whose it is.
            if same
                && fs::remove_file(path)
                    .and_then(|()| fs::remove_file(mark.path()))
                    .is_err()
            {
                // Somebody else removed it, or it stays and the caller's tries run out.
            }
        }
    }
}

/// Makes something at a path, and the folders above it; notes the folder that was there, if any was made.
fn in_folder<T>(
    path: &Path,
    above: &mut Option<PathBuf>,
    attempt: impl Fn() -> io::Result<T>,
) -> io::Result<T> {
    let mut tried = 0;
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::NotFound && tried < FOLDERS => {
                tried += 1;
                // The highest of all tries: a folder that another process made is not on the disk for that.
                let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
                if let Some(there) = there
                    && above.as_ref().is_none_or(|above| above.starts_with(there))
                {
                    *above = Some(there.to_owned());
                }
                match path.parent().map_or(Ok(()), fs::create_dir_all) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
            made => return made,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::refs::{Moved, RefName};
    use super::super::scratch::Scratch;
    use super::*;

    /// Leaves a lock as a process does that is killed, a minute ago.
    fn killed_with(repo: &Repo, lock: &Path) {
        let (file, held) = repo.hold_lock(lock).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_mins(1))
            .unwrap();
        std::mem::forget(held);
    }

    #[test]
    fn a_lock_that_a_killed_process_left_is_broken() {
        let scratch = Scratch::with(&[("a", "1")]);
        let repo = scratch.repo();
        let name = RefName::branch(&"exec/e/1".parse().unwrap());
        killed_with(&repo, &repo.common_dir().join(format!("{name}.lock")));
        let moved = repo.move_commit_ref(&name, None, Some(&scratch.id("HEAD")));
        assert_eq!(moved.unwrap(), Moved::Yes);
        assert_eq!(fs::read_dir(repo.marks()).unwrap().count(), 0);
    }

    #[test]
    fn a_lock_that_a_killed_process_left_on_a_ref_that_git_packed_is_broken() {
        let scratch = Scratch::with(&[("a", "1")]);
        let (repo, one) = (scratch.repo(), scratch.id("HEAD"));
        let name = RefName::branch(&"exec/e/1".parse().unwrap());
        let moved = repo.move_commit_ref(&name, None, Some(&one));
        assert_eq!(moved.unwrap(), Moved::Yes);
        scratch.git(&["pack-refs", "--all"]);
        killed_with(&repo, &repo.common_dir().join(format!("{name}.lock")));
        // Only git deletes it, and we are in its way as long as the lock is there.
        let moved = repo.move_commit_ref(&name, Some(&one), None);
        assert_eq!(moved.unwrap(), Moved::Yes);
        assert_eq!(repo.read_commit_ref(&name).unwrap(), None);
    }

    #[test]
    fn a_lock_of_gits_own_is_never_broken_however_old() {
        let scratch = Scratch::with(&[("a", "1")]);
        let repo = scratch.repo();
        let lock = scratch.root().join(".git/refs/heads/exec/e/1.lock");
        fs::create_dir_all(lock.parent().unwrap()).unwrap();
        fs::write(&lock, "").unwrap();
        killed_with(&repo, &lock.with_file_name("2.lock"));
        repo.remove_own_lock(&lock);
        assert!(lock.exists());
    }
}
