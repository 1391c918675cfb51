//! Open files and directories of a granted directory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use cap_fs_ext::{
    DirExt as _, FollowSymlinks, Metadata, OpenOptions, OpenOptionsFollowExt as _,
    OpenOptionsSyncExt as _,
};
use cap_std::fs::Dir;

use super::errno::failed;
use super::places::{is_made_up, kind_of, stat_of};
use super::repository::completes;
use super::resolve::{Place, resolve};
use super::root::{FileSlot, Root, Slot};
use crate::model::LimitName;
use crate::workspace::name::{check_new, visible};
use crate::workspace::{DirEntry, FsError, NodeKind, OpenFlags, Stat};

/// How many levels of directories may be made.
const DEEPEST: usize = 255;

/// An open file or directory of a granted directory. All that it does may block.
#[derive(Debug, Clone)]
pub struct DiskNode {
    what: Arc<What>,
    pub(super) root: Arc<Root>,
    /// Whether it is the host's own folder or below it: it can be read, and not changed.
    pub(super) guarded: bool,
    /// Counted where it is a stream's.
    _stream: Option<Arc<Slot>>,
}

#[derive(Debug)]
struct What {
    open: Open,
    /// Counted while it is open.
    _slot: FileSlot,
}

#[derive(Debug)]
enum Open {
    Directory { dir: Dir, depth: usize },
    File(File),
}

impl DiskNode {
    /// Opens a granted directory itself.
    pub(super) fn of_root(dir: Dir, root: Arc<Root>) -> Result<Self, FsError> {
        Self::of(Open::Directory { dir, depth: 0 }, root, false)
    }

    fn of(open: Open, root: Arc<Root>, guarded: bool) -> Result<Self, FsError> {
        let made_up = match &open {
            Open::Directory { dir, .. } => is_made_up(dir),
            Open::File(file) => is_made_up(file),
        };
        if made_up {
            return Err(FsError::NoEntry);
        }
        let slot = root.hold_file()?;
        Ok(Self {
            what: Arc::new(What { open, _slot: slot }),
            root,
            guarded,
            _stream: None,
        })
    }

    /// Returns the same node for a stream, which counts like one more.
    pub fn for_stream(&self) -> Result<Self, FsError> {
        let slot = self.root.hold()?;
        Ok(Self {
            _stream: Some(Arc::new(slot)),
            ..self.clone()
        })
    }

    /// Tells whether every change is refused.
    pub fn is_read_only(&self) -> bool {
        self.root.is_read_only()
    }

    /// Opens, and perhaps makes, what a path names.
    pub fn open_at(
        &self,
        path: &str,
        follow: bool,
        flags: OpenFlags,
        read: bool,
        write: bool,
    ) -> Result<Self, FsError> {
        if flags.directory && (flags.create || flags.exclusive || flags.truncate) {
            return Err(FsError::Invalid);
        }
        // Each of the three changes something by itself, whatever the descriptor may do afterwards.
        let changes = write || flags.truncate || flags.create;
        if changes {
            self.root.check_writable()?;
        }
        let exclusive = flags.create && flags.exclusive;
        let place = self.resolve(path, follow && !exclusive)?;
        if flags.create && path.ends_with('/') {
            // As on Linux: a file is asked for by a directory's name, whatever is there.
            return Err(FsError::IsDirectory);
        }
        let mut options = OpenOptions::new();
        options
            .read(read || !write)
            .write(write || flags.truncate)
            .truncate(flags.truncate)
            .follow(FollowSymlinks::No)
            // Whatever takes a file's place meanwhile: opening it does not wait.
            .nonblock(true);
        let (Some(name), Some(found)) = (&place.name, &place.found) else {
            return match &place.name {
                None if changes => Err(FsError::IsDirectory),
                None => self.open_directory(&place),
                Some(_) if !flags.create => Err(FsError::NoEntry),
                Some(_) if place.slash => Err(FsError::IsDirectory),
                Some(name) => {
                    self.check_room(&place)?;
                    options.write(true).create_new(true).truncate(false);
                    let file = self.make(|| place.dir().open_with(name, &options))?;
                    self.below(Open::File(file.into_std()), &place)
                }
            };
        };
        if exclusive {
            return Err(FsError::Exist);
        }
        if found.is_dir() {
            return if changes {
                Err(FsError::IsDirectory)
            } else {
                self.open_directory(&place)
            };
        }
        if flags.directory || place.slash {
            return Err(FsError::NotDirectory);
        }
        if found.is_symlink() {
            return Err(FsError::Loop);
        }
        // Pipes, sockets and devices are no files: opening one does something.
        if !found.is_file() || ((write || flags.truncate) && place.guarded) {
            return Err(FsError::NotPermitted);
        }
        let file = place.dir().open_with(name, &options).map_err(failed)?;
        let file = file.into_std();
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(FsError::NotPermitted);
        }
        if flags.truncate {
            self.root.changed();
        }
        self.below(Open::File(file), &place)
    }

    fn open_directory(&self, place: &Place<'_>) -> Result<Self, FsError> {
        let (dir, depth) = match &place.name {
            Some(name) => (place.dir().open_dir_nofollow(name), place.depth() + 1),
            None => (place.dir().try_clone(), place.depth()),
        };
        let dir = dir.map_err(failed)?;
        self.below(Open::Directory { dir, depth }, place)
    }

    fn below(&self, open: Open, place: &Place<'_>) -> Result<Self, FsError> {
        Self::of(open, self.root.clone(), place.guarded)
    }

    /// Makes something of a new name, within the quota.
    pub(super) fn make<T>(&self, how: impl FnOnce() -> io::Result<T>) -> Result<T, FsError> {
        self.root.allowance.take_file()?;
        how().inspect(|_| self.root.changed()).map_err(|error| {
            self.root.allowance.give_file_back();
            failed(error)
        })
    }

    /// Checks that something can be made at a place.
    pub(super) fn check_room(&self, place: &Place<'_>) -> Result<(), FsError> {
        self.root.check_writable()?;
        let name = place.name.as_deref().ok_or(FsError::Exist)?;
        check_new(name)?;
        if place.guarded || completes(place.dir(), name) {
            return Err(FsError::NotPermitted);
        }
        if place.depth() >= DEEPEST {
            return Err(FsError::NameTooLong);
        }
        Ok(())
    }

    pub(super) fn resolve(&self, path: &str, follow: bool) -> Result<Place<'_>, FsError> {
        let (dir, depth) = self.directory()?;
        resolve(dir, depth, self.guarded, path, follow)
    }

    pub(super) fn directory(&self) -> Result<(&Dir, usize), FsError> {
        match &self.what.open {
            Open::Directory { dir, depth } => Ok((dir, *depth)),
            Open::File(_) => Err(FsError::NotDirectory),
        }
    }

    pub(super) fn file(&self) -> Result<&File, FsError> {
        match &self.what.open {
            Open::File(file) => Ok(file),
            Open::Directory { .. } => Err(FsError::BadDescriptor),
        }
    }

    pub(super) fn metadata(&self) -> Result<Metadata, FsError> {
        match &self.what.open {
            Open::Directory { dir, .. } => dir.dir_metadata().map_err(failed),
            Open::File(file) => Metadata::from_file(file).map_err(failed),
        }
    }

    pub(super) fn node_kind(&self) -> NodeKind {
        match &self.what.open {
            Open::Directory { .. } => NodeKind::Directory,
            Open::File(_) => NodeKind::File,
        }
    }

    pub(super) fn attributes(&self) -> Result<Stat, FsError> {
        Ok(stat_of(&self.metadata()?))
    }

    /// Returns a file that may be written, which was not opened through the host's own folder.
    pub(super) fn writable_file(&self) -> Result<&File, FsError> {
        self.root.check_writable()?;
        let file = self.file()?;
        if self.guarded {
            return Err(FsError::NotPermitted);
        }
        Ok(file)
    }

    /// Writes all bytes at an offset, within the quota; a hole that they leave counts.
    pub(super) fn write_all(&self, offset: Option<u64>, bytes: &[u8]) -> Result<(), FsError> {
        let file = self.writable_file()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let size = file.metadata().map_err(failed)?.len();
        let offset = offset.unwrap_or(size);
        let length = bytes.len() as u64;
        offset.checked_add(length).ok_or(FsError::FileTooLarge)?;
        let hole = offset.saturating_sub(size);
        self.root
            .allowance
            .take_bytes(hole.saturating_add(length))?;
        file.write_all_at(bytes, offset).map_err(failed)?;
        self.root.wrote(length);
        Ok(())
    }

    /// Reads at most `len` bytes at an offset.
    pub(super) fn read_some(&self, offset: u64, len: usize) -> Result<Vec<u8>, FsError> {
        let file = self.file()?;
        let left = file
            .metadata()
            .map_err(failed)?
            .len()
            .saturating_sub(offset);
        let mut bytes = vec![0; len.min(usize::try_from(left).unwrap_or(usize::MAX))];
        let mut have = 0;
        while have < bytes.len() {
            match file.read_at(&mut bytes[have..], offset.saturating_add(have as u64)) {
                Ok(0) => break,
                Ok(more) => have += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
        bytes.truncate(have);
        Ok(bytes)
    }

    /// Lists the names that plugins may see, sorted.
    pub(super) fn entries(&self) -> Result<Vec<DirEntry>, FsError> {
        let (dir, _) = self.directory()?;
        let mut entries = Vec::new();
        for entry in dir.entries().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if visible(name.as_bytes()).is_none() {
                continue;
            }
            if entries.len() == MOST_ENTRIES {
                return Err(FsError::InsufficientSpace(LimitName::Held));
            }
            let kind = kind_of(entry.file_type().map_err(failed)?);
            entries.push(DirEntry { name, kind });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}

/// The most names of a directory that are listed: they are all held at once.
const MOST_ENTRIES: usize = 1_000_000;
