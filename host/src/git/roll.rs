//! Joining our small packs: each checkpoint stores some, and git, which looks through all packs, gets slower with each; from
//! fifty on it would join them by repacking the whole repository beside the person's next commit.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::Oid;

use super::aside::read_raw;
use super::keep::{entries, is_ours};
use super::objects::ObjectId;
use super::write::{Batch, ObjectKind};
use super::{GitError, Repo};

/// From how many small packs on they are joined: well below git's own fifty, which count the others too.
const MANY: usize = 24;

/// The largest pack that is joined; what is copied in one go stays below `MANY` times that.
const SMALL: u64 = 256 << 10;

impl Repo {
    /// Joins our small packs into one if they are many, and nobody else does so or collects garbage.
    pub(super) fn roll(&self) -> Result<(), GitError> {
        let folder = self.common_dir().join("objects").join("pack");
        let small: Vec<PathBuf> = entries(&folder)
            .filter(|path| is_ours(path, "idx") && !path.with_extension("keep").exists())
            .filter(|path| {
                fs::metadata(path.with_extension("pack")).is_ok_and(|pack| pack.len() <= SMALL)
            })
            .collect();
        if small.len() < MANY || self.common_dir().join("gc.pid").exists() {
            return Ok(());
        }
        let path = self.own_dir()?.join("roll.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| GitError::file("lock", &path, error))?;
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let mut batch = Batch::default();
        for pack in &small {
            for id in ids(pack)? {
                let (kind, bytes) = self.raw_object(ObjectId(id))?;
                batch.add(kind, Arc::new(bytes))?;
            }
        }
        self.store(&batch)?;
        for pack in small {
            // In git's own order; whoever has one open reads on, and others find the objects in the new pack.
            for ending in ["idx", "pack"] {
                if fs::remove_file(pack.with_extension(ending)).is_err() {
                    // Both are told apart from whole packs by everybody, and hold nothing that is not elsewhere.
                }
            }
        }
        Ok(())
    }
}

impl Repo {
    fn raw_object(&self, id: ObjectId) -> Result<(ObjectKind, Vec<u8>), GitError> {
        self.with(|git| {
            git.odb()
                .and_then(|odb| read_raw(&odb, id))
                .map_err(|error| self.library("read an object", &error))
        })
    }
}

/// Reads the ids in the index of a pack, of the second version: a table of 256 counts behind eight bytes, then the ids.
fn ids(index: &Path) -> Result<Vec<Oid>, GitError> {
    const TABLE: usize = 8 + 256 * 4;
    let bytes = fs::read(index).map_err(|error| GitError::file("read", index, error))?;
    let bad = || {
        let bad = std::io::Error::new(std::io::ErrorKind::InvalidData, "no index of a pack");
        GitError::file("read", index, bad)
    };
    let count = bytes.get(TABLE - 4..TABLE).ok_or_else(bad)?;
    let count = count
        .iter()
        .fold(0_usize, |count, byte| count << 8 | usize::from(*byte));
    let ids = bytes
        .get(TABLE..)
        .and_then(|ids| ids.get(..count.checked_mul(20)?))
        .filter(|_| bytes.starts_with(b"\xfftOc\0\0\0\x02"))
        .ok_or_else(bad)?;
    ids.chunks_exact(20)
        .map(|id| Oid::from_bytes(id).map_err(|_| bad()))
        .collect()
}
