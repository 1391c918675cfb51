//! A pack and its index, made of objects that are in memory: whole, none as a difference from another.
//!
//! libgit2 would compare them all with each other, hash each three times, and read the pack again for its index. Git itself
//! makes better ones when it collects garbage.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use sha1::{Digest as _, Sha1};

use super::GitError;
use super::objects::ObjectId;
use super::write::ObjectKind;

/// Up to here an index says in four bytes where an object is: far more than a call may hold in memory.
const LARGEST: usize = 1 << 31;

/// Where an object is in the pack.
struct Packed {
    id: [u8; 20],
    sum: u32,
    at: u32,
}

/// Writes objects as a pack, with its index, into a folder; neither is on the disk yet.
pub(super) fn write_pack<'a>(
    objects: impl Iterator<Item = (ObjectId, ObjectKind, &'a [u8])>,
    folder: &Path,
) -> Result<(), GitError> {
    let path = folder.join("new.pack");
    let failed = |error| GitError::file("write", &path, error);
    let (pack, sum, packed) = pack(objects).map_err(failed)?;
    let index = index(packed, sum);
    write(&path, &pack)
        .and_then(|()| write(&path.with_extension("idx"), &index))
        .map_err(failed)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    // As git's own: nobody writes to it again.
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions)
}

/// Makes the pack; returns the sum at its end, and where each object is.
fn pack<'a>(
    objects: impl Iterator<Item = (ObjectId, ObjectKind, &'a [u8])>,
) -> io::Result<(Vec<u8>, [u8; 20], Vec<Packed>)> {
    let mut pack = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
    let mut packed = Vec::new();
    for (id, kind, bytes) in objects {
        let start = pack.len();
        pack.extend(object_header(kind, bytes.len() as u64));
        let mut deflated = ZlibEncoder::new(pack, Compression::fast());
        deflated.write_all(bytes)?;
        pack = deflated.finish()?;
        let mut sum = Crc::new();
        sum.update(&pack[start..]);
        packed.push(Packed {
            id: id.bytes(),
            sum: sum.sum(),
            at: u32::try_from(start)
                .ok()
                .filter(|_| start < LARGEST)
                .ok_or(io::ErrorKind::FileTooLarge)?,
        });
    }
    let count = u32::try_from(packed.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    pack[8..12].copy_from_slice(&count.to_be_bytes());
    let sum: [u8; 20] = Sha1::digest(&pack).into();
    pack.extend(sum);
    Ok((pack, sum, packed))
}

/// Makes the index of a pack, in its second version: how many names begin with each byte or a smaller one, the names, the sum
/// of each object's bytes, where each is, and the sums of both files.
fn index(mut packed: Vec<Packed>, sum: [u8; 20]) -> Vec<u8> {
    packed.sort_by_key(|one| one.id);
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    let mut below = 0_u32;
    let mut rest = packed.iter().peekable();
    for first in 0..=u8::MAX {
        while rest.next_if(|one| one.id[0] == first).is_some() {
            below += 1;
        }
        index.extend(below.to_be_bytes());
    }
    index.extend(packed.iter().flat_map(|one| one.id));
    index.extend(packed.iter().flat_map(|one| one.sum.to_be_bytes()));
    index.extend(packed.iter().flat_map(|one| one.at.to_be_bytes()));
    index.extend(sum);
    let own: [u8; 20] = Sha1::digest(&index).into();
    index.extend(own);
    index
}

/// Says in a pack that an object of such a size follows: four bits of the size beside the kind, then seven a byte.
pub(super) fn object_header(kind: ObjectKind, size: u64) -> Vec<u8> {
    let bits = |size: u64, mask: u8| (size & u64::from(mask)).to_le_bytes()[0];
    let mut header = vec![kind.in_a_pack() << 4 | bits(size, 0xf)];
    let mut left = size >> 4;
    while left > 0 {
        if let Some(last) = header.last_mut() {
            *last |= 0x80;
        }
        header.push(bits(left, 0x7f));
        left >>= 7;
    }
    header
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test looks at the packs")]
mod tests {
    use std::sync::Arc;

    use super::super::scratch::Scratch;
    use super::super::{Batch, Entry, Mode};

    #[test]
    fn git_finds_every_object_of_a_pack_and_nothing_wrong_with_it() {
        let scratch = Scratch::with(&[("a", "1")]);
        let repo = scratch.repo();
        let mut batch = Batch::default();
        // Sizes on both sides of what a header's first bytes hold.
        let sizes = [0, 1, 15, 16, 2047, 2048, 300_000];
        let entries = sizes.map(|size| Entry {
            name: size.to_string().into_bytes().into(),
            mode: Mode::FILE,
            id: batch.blob(Arc::new(vec![b'x'; size])).unwrap().object(),
        });
        let tree = batch.tree(entries.to_vec()).unwrap();
        repo.store(&batch).unwrap();
        for size in sizes {
            let said = scratch.git(&["cat-file", "-s", &format!("{tree}:{size}")]);
            assert_eq!(said, size.to_string());
        }
        let packs = std::fs::read_dir(scratch.root().join(".git/objects/pack")).unwrap();
        for pack in packs {
            let path = pack.unwrap().path();
            if path.extension() == Some("idx".as_ref()) {
                scratch.git(&["verify-pack", path.to_str().unwrap()]);
            }
        }
    }
}
