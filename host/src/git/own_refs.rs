//! Moving refs of our own: several at once, written by this process, with as few waits for the disk as they need.
//!
//! They are moved as git moves them: `NAME.lock` is made, the old value looked at under it, the new one written into it, and it
//! takes the name's place. All locks are on the disk before the first of them does so; they do so in the order given.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::objects::{ObjectId, oid};
use super::own_locks::OwnLock;
use super::refs::{Moved, RefName};
use super::write::Batch;
use super::{GitError, Repo};
use crate::model::CommitId;

/// How long `git pack-refs` is waited for that may hold a ref which was removed just now.
const PACKING: Duration = Duration::from_secs(1);

/// A ref of our own, and where it goes.
#[derive(Debug, Clone)]
pub struct RefMove {
    /// The ref.
    pub name: RefName,
    /// What it points at now; none if there is no such ref.
    pub old: Option<ObjectId>,
    /// What it is to point at.
    pub new: ObjectId,
}

impl RefMove {
    /// Moves a ref to a commit.
    pub fn to_commit(name: RefName, old: Option<&CommitId>, new: &CommitId) -> Self {
        Self {
            name,
            old: old.map(|id| ObjectId(oid(id))),
            new: ObjectId(oid(new)),
        }
    }
}

/// Why no ref moved.
pub(super) enum Stuck {
    /// One was not where it was expected.
    Elsewhere,
    /// Another process holds the lock of one.
    Locked(RefName),
    /// A file could not be read or written.
    Failed(GitError),
}

/// Refs that are locked, their new values written: gone with the value unless they land.
struct Locked {
    /// The lock of each and its place, in order.
    held: Vec<(OwnLock, PathBuf)>,
}

impl Repo {
    /// Stores objects and moves refs of our own to them, all or none: the objects are on the disk before a ref moves, and the
    /// refs are when this returns. The refs move in their order, for those who look meanwhile.
    pub fn store_and_move(&self, objects: &Batch, moves: &[RefMove]) -> Result<Moved, GitError> {
        let mut unsynced = self.place(objects)?;
        let done = self.until_moved(|| {
            let locked = self.lock_all(moves)?;
            let locks = locked.held.iter().map(|(lock, _)| lock.path.clone());
            // What names the objects waits together with what will name them.
            let waiting: Vec<PathBuf> = unsynced.take().into_iter().chain(locks).collect();
            self.sync(&waiting).map_err(Stuck::Failed)?;
            let folders = locked.land().map_err(Stuck::Failed)?;
            self.sync(&folders).map_err(Stuck::Failed)
        })?;
        // What did not move names nothing yet, and may be asked to again.
        let unsynced: Vec<PathBuf> = unsynced.into_iter().collect();
        self.sync(&unsynced)?;
        Ok(done)
    }

    fn lock_all(&self, moves: &[RefMove]) -> Result<Locked, Stuck> {
        let mut locked = Locked { held: Vec::new() };
        for one in moves {
            let place = self.common_dir().join(one.name.as_str());
            let lock = self.common_dir().join(format!("{}.lock", one.name));
            let failed = |error| Stuck::Failed(GitError::file("write", &lock, error));
            let (mut file, held) = match self.hold_lock(&lock) {
                Ok(held) => held,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Err(Stuck::Locked(one.name.clone()));
                }
                Err(error) => return Err(failed(error)),
            };
            locked.held.push((held, place));
            if self.read_ref(&one.name).map_err(Stuck::Failed)? != one.old {
                return Err(Stuck::Elsewhere);
            }
            if one.old.is_none() {
                self.leave_room(&one.name)?;
            }
            writeln!(file, "{}", one.new).map_err(failed)?;
        }
        Ok(locked)
    }

    /// Refuses a name that has another ref for a folder: git does not read it. Where that one is a file, the folder could not
    /// even be made.
    fn leave_room(&self, name: &RefName) -> Result<(), Stuck> {
        for above in name.above() {
            if self.read_ref(&above).map_err(Stuck::Failed)?.is_some() {
                return Err(Stuck::Failed(GitError::RefInTheWay {
                    name: name.to_string(),
                    other: above.to_string(),
                }));
            }
        }
        Ok(())
    }

    /// Removes a ref of our own that is a file and nothing else; none if only git can do so. Git would take a process, and
    /// libgit2 would write the packed refs anew, which may lose what git packs at that instant.
    pub(super) fn remove_loose(&self, name: &RefName, old: ObjectId) -> Option<Moved> {
        let path = self.common_dir().join(name.as_str());
        let lock = self.common_dir().join(format!("{name}.lock"));
        let has_log = self.common_dir().join("logs").join(name.as_str()).exists();
        if has_log || self.is_packed(name) {
            return None;
        }
        // Never where its folder is gone: there is no ref to be removed then.
        if !lock.parent().is_some_and(Path::is_dir) {
            return None;
        }
        let (_, locked) = self.hold_lock(&lock).ok()?;
        let value = fs::read_to_string(&path);
        let is_old = value.is_ok_and(|text| text.trim_end() == old.to_string());
        if !is_old || self.is_packed(name) || fs::remove_file(&path).is_err() {
            return None;
        }
        // Git packs refs under a lock: where none is held now, nobody read this one who has not written it down yet.
        let packing = self.common_dir().join("packed-refs.lock");
        let began = Instant::now();
        while packing.exists() && began.elapsed() < PACKING {
            std::thread::sleep(Duration::from_millis(1));
        }
        let is_back = self.is_packed(name);
        drop(locked);
        if is_back {
            return None;
        }
        for folder in path.ancestors().skip(1) {
            let ours = folder
                .strip_prefix(self.common_dir())
                .is_ok_and(is_folder_of_ours);
            if !ours || fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Some(Moved::Yes)
    }

    /// Tells whether git has packed a ref; whether it may have, where that cannot be read.
    fn is_packed(&self, name: &RefName) -> bool {
        match fs::read(self.common_dir().join("packed-refs")) {
            Ok(packed) => packed.split(|&byte| byte == b'\n').any(|line| {
                line.strip_suffix(name.as_str().as_bytes())
                    .is_some_and(|rest| rest.ends_with(b" "))
            }),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

impl Locked {
    /// Gives each ref its new value; returns the folders that list them, which are not on the disk yet.
    fn land(mut self) -> Result<Vec<PathBuf>, GitError> {
        let mut folders: Vec<PathBuf> = Vec::new();
        self.held.reverse();
        // What has landed is not held any more.
        while let Some((lock, place)) = self.held.last_mut() {
            fs::rename(&lock.path, &*place)
                .or_else(|error| {
                    // A folder that a deleted ref left, with nothing in it.
                    fs::remove_dir(&*place).map_err(|_| error)?;
                    fs::rename(&lock.path, &*place)
                })
                .map_err(|error| GitError::file("move", place, error))?;
            lock.landed = true;
            let above = lock.above.as_deref().or(place.parent());
            let new = place
                .ancestors()
                .skip(1)
                .take_while(|folder| above.is_some_and(|above| folder.starts_with(above)));
            folders.extend(new.map(Path::to_owned));
            self.held.pop();
        }
        folders.sort();
        folders.dedup();
        Ok(folders)
    }
}

/// Tells whether a folder of the git directory holds only refs of executions.
fn is_folder_of_ours(folder: &Path) -> bool {
    ["refs/heads/exec", "refs/paracle/executions"]
        .iter()
        .any(|ours| {
            folder
                .strip_prefix(ours)
                .is_ok_and(|rest| rest.components().next().is_some())
        })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::scratch::Scratch;
    use super::super::sync::WAITS;
    use super::*;
    use crate::model::BranchName;

    fn branch(name: &str) -> RefName {
        RefName::branch(&name.parse::<BranchName>().unwrap())
    }

    #[test]
    fn objects_are_on_the_disk_before_own_refs_move_and_the_refs_are_after() {
        let scratch = Scratch::with(&[("a", "1")]);
        let (repo, one) = (scratch.repo(), scratch.id("HEAD"));
        let mut objects = Batch::default();
        objects.blob(Arc::new(b"new".to_vec())).unwrap();
        let moves = ["exec/e/20260101_000000", "exec/f/20260101_000000"]
            .map(|name| RefMove::to_commit(branch(name), None, &one));
        WAITS.take();
        assert_eq!(repo.store_and_move(&objects, &moves).unwrap(), Moved::Yes);
        let git = scratch.root().join(".git").canonicalize().unwrap();
        let waits: Vec<Vec<String>> = WAITS
            .take()
            .iter()
            .filter(|waits| !waits.is_empty())
            .map(|waits| {
                let names = waits.iter().map(|path| path.strip_prefix(&git).unwrap());
                names
                    .map(|path| path.to_string_lossy().into_owned())
                    .collect()
            })
            .collect();
        assert_eq!(waits.len(), 3, "{waits:?}");
        let ends: Vec<_> = waits[0]
            .iter()
            .map(|path| path.rsplit('.').next())
            .collect();
        assert_eq!(ends, [Some("pack"), Some("idx")]);
        let locks = moves.each_ref().map(|one| format!("{}.lock", one.name));
        assert_eq!(waits[1], ["objects/pack", &locks[0], &locks[1]]);
        let folders = [
            "refs/heads",
            "refs/heads/exec",
            "refs/heads/exec/e",
            "refs/heads/exec/f",
        ];
        assert_eq!(waits[2], folders, "with those that list what was made");
        let log = scratch.root().join(".git/logs/refs/heads/exec");
        assert!(!log.exists(), "our own refs have no reflog");
    }

    #[test]
    fn refs_move_all_or_none() {
        let scratch = Scratch::with(&[("a", "1")]);
        let (repo, one) = (scratch.repo(), scratch.id("HEAD"));
        let two = scratch.commit("second");
        let names = ["exec/e/20260101_000000", "exec/f/20260101_000000"].map(branch);
        let first = |old, new| RefMove::to_commit(names[0].clone(), old, new);
        let second = |old, new| RefMove::to_commit(names[1].clone(), old, new);
        let none = Batch::default();
        let moved = repo.store_and_move(&none, &[first(None, &one), second(Some(&one), &two)]);
        assert_eq!(moved.unwrap(), Moved::Elsewhere);
        assert!(repo.list_refs("refs/heads/exec/*").unwrap().is_empty());
        // Packed, and deleted by git, which leaves no folder behind.
        let moved = repo.store_and_move(&none, &[first(None, &one), second(None, &one)]);
        assert_eq!(moved.unwrap(), Moved::Yes);
        scratch.git(&["pack-refs", "--all"]);
        let moved =
            repo.store_and_move(&none, &[first(Some(&one), &two), second(Some(&one), &two)]);
        assert_eq!(moved.unwrap(), Moved::Yes);
        for name in &names {
            let gone = repo.move_commit_ref(name, Some(&two), None).unwrap();
            assert_eq!((gone, repo.read_ref(name).unwrap()), (Moved::Yes, None));
        }
    }

    #[test]
    fn a_branch_in_the_way_is_named() {
        let scratch = Scratch::with(&[("a", "1")]);
        scratch.git(&["branch", "exec"]);
        scratch.git(&["pack-refs", "--all"]);
        let one = scratch.id("HEAD");
        let own = RefMove::to_commit(branch("exec/e/20260101_000000"), None, &one);
        let moved = scratch.repo().store_and_move(&Batch::default(), &[own]);
        assert!(
            matches!(&moved, Err(GitError::RefInTheWay { other, .. }) if other == "refs/heads/exec"),
            "{moved:?}"
        );
    }
}
