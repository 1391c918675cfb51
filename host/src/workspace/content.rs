//! A file's bytes: of the base, in memory, or in a file without a name where they are too many for that.

use std::io;
use std::sync::Arc;

use super::FsError;
use crate::git::{BlobId, Repo, Spill, Spilled};

/// A file's bytes.
#[derive(Debug)]
pub(super) struct Content {
    /// The blob of the base.
    pub(super) base: Option<BlobId>,
    /// Its size, once it was asked for.
    base_size: Option<u64>,
    /// The base's bytes while the file is open, or the bytes that were written.
    bytes: Option<Bytes>,
    /// Whether the bytes were written.
    own: bool,
    met: Met,
}

/// What the call met, where it read the base's bytes or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// It did not look.
    Nothing,
    /// What a checkout has, but for filters.
    Read,
    /// What stands for a file that Git LFS keeps elsewhere.
    Pointer,
    /// More than one file may be.
    TooLarge,
}

/// How a pointer of Git LFS begins, and how long one may be.
const POINTER: (&[u8], u64) = (b"version https://git-lfs.github.com/spec/", 1024);

/// Where bytes are that were read or written.
#[derive(Debug, Clone)]
pub(super) enum Bytes {
    Memory(Arc<Vec<u8>>),
    /// In the call's own file on the disk.
    Disk(Arc<Spilled>),
}

impl Bytes {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(bytes) => bytes.size(),
        }
    }

    /// Reads at most `len` bytes.
    pub(super) fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, FsError> {
        match self {
            Self::Memory(bytes) => {
                let from = index(offset).min(bytes.len());
                let to = from.saturating_add(len).min(bytes.len());
                Ok(bytes[from..to].to_vec())
            }
            Self::Disk(bytes) => bytes.read(offset, len).map_err(failed),
        }
    }

    /// Moves them to the disk.
    fn spilled(&self, spill: &Arc<Spill>) -> Result<Self, FsError> {
        match self {
            Self::Memory(bytes) => {
                let mut place = spill.place();
                place.write(0, bytes).map_err(failed)?;
                Ok(Self::Disk(Arc::new(place)))
            }
            Self::Disk(_) => Ok(self.clone()),
        }
    }
}

impl Content {
    /// Makes the content of a blob that is not read yet.
    pub(super) const fn stored(id: BlobId) -> Self {
        Self {
            base: Some(id),
            base_size: None,
            bytes: None,
            own: false,
            met: Met::Nothing,
        }
    }

    /// Makes new content.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self {
            base: None,
            base_size: None,
            bytes: Some(Bytes::Memory(Arc::new(bytes))),
            own: true,
            met: Met::Nothing,
        }
    }

    /// Returns the size, from the blob's header if that is all that is needed.
    pub(super) fn size(&mut self, repo: &Repo) -> Result<u64, FsError> {
        if let Some(bytes) = &self.bytes {
            return Ok(bytes.size());
        }
        if let Some(size) = self.base_size {
            return Ok(size);
        }
        let size = self.base.map_or(Ok(0), |id| repo.blob_size(id))?;
        self.base_size = Some(size);
        Ok(size)
    }

    /// Returns the bytes, if they were read or written.
    pub(super) const fn loaded(&self) -> Option<&Bytes> {
        self.bytes.as_ref()
    }

    /// Returns the bytes, if they were written.
    pub(super) fn written(&self) -> Option<&Bytes> {
        self.bytes.as_ref().filter(|_| self.own)
    }

    /// Returns the bytes, read from the blob at first: into memory, or else to where they spill.
    pub(super) fn load(
        &mut self,
        repo: &Repo,
        spill: Option<&Arc<Spill>>,
    ) -> Result<&Bytes, FsError> {
        let bytes = match (self.bytes.take(), self.base) {
            (Some(bytes), _) => bytes,
            (None, None) => Bytes::Memory(Arc::default()),
            (None, Some(id)) => match spill {
                None => {
                    let bytes = repo.blob(id)?;
                    let (start, most) = POINTER;
                    let pointer = bytes.len() as u64 <= most && bytes.starts_with(start);
                    self.met = if pointer { Met::Pointer } else { Met::Read };
                    Bytes::Memory(bytes)
                }
                Some(spill) => {
                    let size = self.size(repo)?;
                    self.met = Met::Read;
                    Bytes::Disk(Arc::new(repo.spill_blob(id, size, spill)?))
                }
            },
        };
        Ok(self.bytes.insert(bytes))
    }

    /// Notes that the call asked for more than one file may be.
    pub(super) const fn refuse(&mut self) {
        self.met = Met::TooLarge;
    }

    /// Returns what the call met.
    pub(super) const fn met(&self) -> Met {
        self.met
    }

    /// Takes away all bytes.
    pub(super) fn clear(&mut self) {
        self.bytes = Some(Bytes::Memory(Arc::default()));
        self.own = true;
    }

    /// Moves what was loaded to the disk.
    pub(super) fn spill(&mut self, spill: &Arc<Spill>) -> Result<(), FsError> {
        if let Some(bytes) = &self.bytes {
            self.bytes = Some(bytes.spilled(spill)?);
        }
        Ok(())
    }

    /// Writes into what was loaded.
    pub(super) fn write(&mut self, offset: u64, new: &[u8]) -> Result<(), FsError> {
        match &mut self.bytes {
            Some(Bytes::Disk(bytes)) => {
                let bytes = Arc::get_mut(bytes).ok_or(FsError::Busy)?;
                bytes.write(offset, new).map_err(failed)?;
            }
            Some(Bytes::Memory(bytes)) => {
                // Nobody else holds the bytes unless a tree was just written of them.
                let bytes = Arc::make_mut(bytes);
                let (from, end) = (index(offset), index(offset) + new.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[from..end].copy_from_slice(new);
            }
            None => return Err(FsError::BadDescriptor),
        }
        self.own = true;
        Ok(())
    }

    /// Cuts or lengthens what was loaded.
    pub(super) fn set_size(&mut self, size: u64) -> Result<(), FsError> {
        match &mut self.bytes {
            Some(Bytes::Disk(bytes)) => {
                let bytes = Arc::get_mut(bytes).ok_or(FsError::Busy)?;
                bytes.set_size(size).map_err(failed)?;
            }
            Some(Bytes::Memory(bytes)) => Arc::make_mut(bytes).resize(index(size), 0),
            None => return Err(FsError::BadDescriptor),
        }
        self.own = true;
        Ok(())
    }

    /// Returns how many bytes of the base are held while the file is open.
    pub(super) fn held(&self) -> u64 {
        match &self.bytes {
            Some(bytes) if !self.own => bytes.size(),
            Some(_) | None => 0,
        }
    }

    /// Lets go of bytes that can be read again.
    pub(super) fn release(&mut self) {
        if !self.own {
            self.bytes = None;
        }
    }
}

/// A place in memory: what is asked for was found to be within the bound of one file.
fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn failed(error: io::Error) -> FsError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FsError::NoRoom,
        io::ErrorKind::FileTooLarge => FsError::FileTooLarge,
        _ => FsError::Disk(error),
    }
}
