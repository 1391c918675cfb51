//! Bytes that are too many for memory: places in a private file on the repository's own disk, which has no name.
//!
//! One file holds all places of a call, each at a multiple of the most that one may be, so that a call takes one handle of the
//! process however much it writes. The file is sparse: what is not written takes no room.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::Indexer;
use sha1::{Digest as _, Sha1};

use super::command::git_in_parts;
use super::objects::{BlobId, ObjectId};
use super::pack::object_header;
use super::write::ObjectKind;
use super::{GitError, Repo};

/// How much is moved at once.
const CHUNK: usize = 256 << 10;

/// A private file for bytes that are too many for memory. It goes with the process, however that ends.
#[derive(Debug)]
pub struct Spill {
    file: File,
    /// The most bytes of one place.
    most: u64,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    /// Those that were given back, and up to where they may hold old bytes.
    free: Vec<(u64, u64)>,
    next: u64,
}

/// A place in the file: the bytes of one blob to be. It is given back as it goes.
#[derive(Debug)]
pub struct Spilled {
    spill: Arc<Spill>,
    place: u64,
    size: u64,
    /// Beyond this there is nothing but zeros.
    used: u64,
}

impl Repo {
    /// Makes a file for bytes that are too many for memory; each place in it holds up to `most` bytes.
    pub fn spill(&self, most: u64) -> Result<Arc<Spill>, GitError> {
        let dir = self.own_dir()?;
        let file = tempfile::tempfile_in(&dir)
            .map_err(|error| GitError::file("make a file in", &dir, error))?;
        Ok(Arc::new(Spill {
            file,
            most,
            places: Mutex::default(),
        }))
    }
}

impl Spill {
    /// Takes a place, with nothing in it.
    pub fn place(self: &Arc<Self>) -> Spilled {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (place, used) = if let Some(free) = places.free.pop() {
            free
        } else {
            let place = places.next;
            places.next += 1;
            (place, 0)
        };
        Spilled {
            spill: self.clone(),
            place,
            size: 0,
            used,
        }
    }
}

impl Spilled {
    /// Returns how many bytes it holds.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Reads at most `len` bytes.
    pub fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len.min(left)];
        if !bytes.is_empty() {
            self.fill(offset, &mut bytes)?;
        }
        Ok(bytes)
    }

    /// Writes all bytes at an offset; what lies between the end and the offset is zeros.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset
            .checked_add(bytes.len() as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        if offset > self.size {
            self.set_size(offset)?;
        }
        self.check(end)?;
        self.spill.file.write_all_at(bytes, self.at(offset)?)?;
        self.used = self.used.max(end);
        self.size = self.size.max(end);
        Ok(())
    }

    /// Cuts it, or lengthens it by zeros.
    pub fn set_size(&mut self, size: u64) -> io::Result<()> {
        self.check(size)?;
        // What was cut off before must not come back.
        let mut from = self.size;
        let end = size.min(self.used);
        let zeros = vec![0; CHUNK.min(usize::try_from(end.saturating_sub(from)).unwrap_or(CHUNK))];
        while from < end {
            let part = &zeros[..zeros
                .len()
                .min(usize::try_from(end - from).unwrap_or(CHUNK))];
            self.spill.file.write_all_at(part, self.at(from)?)?;
            from += part.len() as u64;
        }
        self.size = size;
        Ok(())
    }

    /// Returns what the bytes are called as a blob.
    pub fn id(&self) -> io::Result<BlobId> {
        let mut hash = Sha1::new();
        hash.update(format!("blob {}\0", self.size));
        self.each(|part| {
            hash.update(part);
            Ok(())
        })?;
        Ok(BlobId::new(ObjectId::from_bytes(hash.finalize().into())))
    }

    /// Hands all bytes on, part by part.
    pub(super) fn each(&self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        let mut from = 0;
        while from < self.size {
            let part = CHUNK.min(usize::try_from(self.size - from).unwrap_or(CHUNK));
            self.fill(from, &mut buffer[..part])?;
            take(&buffer[..part])?;
            from += part as u64;
        }
        Ok(())
    }

    /// Writes it as the one blob of a pack into a folder, part by part.
    pub(super) fn pack(&self, folder: &Path) -> Result<(), String> {
        let library = |error: git2::Error| error.message().to_owned();
        let disk = |error: io::Error| error.to_string();
        let indexer = Indexer::new(None, folder, 0o444, false).map_err(library)?;
        let mut to = Hashed {
            indexer,
            hash: Sha1::new(),
        };
        // One object, in the second version of the form.
        to.write_all(b"PACK\0\0\0\x02\0\0\0\x01").map_err(disk)?;
        to.write_all(&object_header(ObjectKind::Blob, self.size))
            .map_err(disk)?;
        let mut deflated = ZlibEncoder::new(to, Compression::fast());
        self.each(|part| deflated.write_all(part)).map_err(disk)?;
        let Hashed { mut indexer, hash } = deflated.finish().map_err(disk)?;
        indexer.write_all(&hash.finalize()).map_err(disk)?;
        indexer.commit().map_err(library)?;
        Ok(())
    }

    /// Reads exactly so much; what the file does not have is zeros.
    fn fill(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let at = self.at(offset)?;
        let mut have = 0;
        while have < bytes.len() {
            match self
                .spill
                .file
                .read_at(&mut bytes[have..], at + have as u64)
            {
                Ok(0) => {
                    bytes[have..].fill(0);
                    break;
                }
                Ok(more) => have += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn check(&self, size: u64) -> io::Result<()> {
        if size > self.spill.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(())
    }

    fn at(&self, offset: u64) -> io::Result<u64> {
        self.place
            .checked_mul(self.spill.most)
            .and_then(|start| start.checked_add(offset))
            .ok_or_else(|| io::ErrorKind::FileTooLarge.into())
    }
}

/// Writes to an indexer, and knows the sum of all that it wrote.
struct Hashed<'a> {
    indexer: Indexer<'a>,
    hash: Sha1,
}

impl io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.indexer.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.indexer.flush()
    }
}

impl Drop for Spilled {
    fn drop(&mut self) {
        let punched = self
            .at(0)
            .is_ok_and(|start| punch(&self.spill.file, start, self.used));
        let used = if punched { 0 } else { self.used };
        let mut places = self
            .spill
            .places
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        places.free.push((self.place, used));
    }
}

/// Gives a part of a file back to the disk; it reads as zeros from then on.
#[cfg(target_os = "linux")]
fn punch(file: &File, start: u64, length: u64) -> bool {
    use rustix::fs::{FallocateFlags, fallocate};
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    length == 0 || fallocate(file, flags, start, length).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn punch(_: &File, _: u64, length: u64) -> bool {
    length == 0
}

impl Repo {
    /// Copies a blob of a known size to a place, as far as git lets it, without ever holding all of it.
    pub fn spill_blob(
        &self,
        id: BlobId,
        size: u64,
        spill: &Arc<Spill>,
    ) -> Result<Spilled, GitError> {
        let unreadable = |reason: String| GitError::Object {
            id: id.to_string(),
            kind: "blob",
            reason,
        };
        let disk = |error: io::Error| unreadable(format!("it cannot be copied: {error}"));
        let mut to = spill.place();
        // A loose object is read part by part. libgit2 cannot do so with a pack; git can.
        if !self.copy_loose(id, &mut to)? {
            to.set_size(0).map_err(disk)?;
            let mut at = 0;
            let name = id.to_string();
            let arguments = ["cat-file", "blob", &name];
            let answer = git_in_parts(self.git_dir(), &arguments, &mut |part| {
                to.write(at, part)?;
                at += part.len() as u64;
                Ok(())
            })?;
            if answer.code != 0 {
                return Err(answer.error("cat-file", self.git_dir()));
            }
        }
        if to.size() != size {
            return Err(unreadable(format!(
                "it has {} bytes, not {size}",
                to.size()
            )));
        }
        Ok(to)
    }

    fn copy_loose(&self, id: BlobId, to: &mut Spilled) -> Result<bool, GitError> {
        // Read again from its beginning, if git moved it meanwhile.
        let to = RefCell::new(to);
        self.with(|git| {
            let odb = git
                .odb()
                .map_err(|error| self.library("open the objects", &error))?;
            let Ok((mut reader, _, _)) = odb.reader(id.object().0) else {
                return Ok(false);
            };
            let mut buffer = vec![0; CHUNK];
            let mut at = 0;
            loop {
                match io::Read::read(&mut reader, &mut buffer) {
                    Ok(0) => return Ok(true),
                    Ok(more) if to.borrow_mut().write(at, &buffer[..more]).is_ok() => {
                        at += more as u64;
                    }
                    Ok(_) | Err(_) => return Ok(false),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn a_place_holds_what_was_written_and_zeros_beside_it() {
        let scratch = Scratch::with(&[("a", "1")]);
        let spill = scratch.repo().spill(1 << 20).unwrap();
        let mut place = spill.place();
        place.write(3, b"abc").unwrap();
        assert_eq!(place.read(0, 99).unwrap(), b"\0\0\0abc");
        place.set_size(4).unwrap();
        place.set_size(8).unwrap();
        assert_eq!(place.read(2, 99).unwrap(), b"\0a\0\0\0\0");
        place.write(1 << 20, b"x").unwrap_err();
        // The next one in its place finds nothing of it.
        drop(place);
        let mut place = spill.place();
        place.set_size(9).unwrap();
        assert_eq!(place.read(0, 99).unwrap(), [0; 9]);
    }

    #[test]
    fn a_blob_goes_through_a_place_and_keeps_its_name() {
        let scratch = Scratch::empty();
        let big: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        scratch.write("big", &big);
        scratch.commit("big");
        let repo = scratch.repo();
        let spill = repo.spill(64 << 20).unwrap();
        let id = scratch.git(&["rev-parse", "HEAD:big"]);
        let blob = BlobId::new(ObjectId(git2::Oid::from_str(&id).unwrap()));
        // Loose at first, and then in a pack.
        for _ in 0..2 {
            let copy = repo.spill_blob(blob, big.len() as u64, &spill).unwrap();
            assert_eq!(copy.id().unwrap(), blob);
            assert_eq!(copy.read(0, usize::MAX).unwrap(), big);
            repo.spill_blob(blob, 7, &spill).unwrap_err();
            scratch.git(&["repack", "-adq"]);
        }
        assert!(
            std::path::Path::new(&scratch.root().join(".git/paracle"))
                .read_dir()
                .unwrap()
                .next()
                .is_none(),
            "the file has no name"
        );
    }
}
