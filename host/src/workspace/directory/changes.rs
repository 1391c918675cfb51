//! Making, removing and renaming names in a granted directory, and what else can be done with what is open.

use cap_fs_ext::{DirExt as _, OsMetadataExt as _, SystemTimeSpec};
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};

use super::errno::failed;
use super::node::DiskNode;
use super::places::stat_of;
use super::resolve::{Place, read_link};
use crate::workspace::name::check_link;
use crate::workspace::{DirEntry, FsError, NodeKind, OpenNode, SetTime, Stat};

impl DiskNode {
    /// Tells whether two are of the same granted directory. What is allowed in one says nothing of another.
    fn check_same_root(&self, other: &Self) -> Result<(), FsError> {
        if std::sync::Arc::ptr_eq(&self.root, &other.root) {
            Ok(())
        } else {
            Err(FsError::CrossDevice)
        }
    }

    /// Gives a file or directory another name, in the same granted directory.
    pub fn rename_at(&self, from_path: &str, to: &Self, to_path: &str) -> Result<(), FsError> {
        let old = self.removable(from_path)?;
        let new = to.removable(to_path)?;
        self.check_same_root(to)?;
        let (Some(old_name), Some(new_name)) = (&old.name, &new.name) else {
            return Err(FsError::Busy);
        };
        let found = old.existing()?;
        if new.slash && !found.is_dir() {
            return Err(FsError::NotDirectory);
        }
        if old.guarded {
            return Err(FsError::NotPermitted);
        }
        to.check_room(&new)?;
        // Neither name has a slash: the kernel follows no link that stands at the end.
        old.dir()
            .rename(old_name, new.dir(), new_name)
            .map_err(failed)?;
        self.root.changed();
        Ok(())
    }

    /// Gives a file one more name, in the same granted directory.
    pub fn link_at(
        &self,
        from_path: &str,
        follow: bool,
        to: &Self,
        to_path: &str,
    ) -> Result<(), FsError> {
        self.root.check_writable()?;
        to.root.check_writable()?;
        self.check_same_root(to)?;
        let old = self.resolve(from_path, follow)?;
        let found = old.existing()?;
        let new = to.vacant_file(to_path)?;
        let (Some(old_name), Some(new_name)) = (&old.name, &new.name) else {
            return Err(FsError::NotPermitted);
        };
        if !found.is_file() || old.guarded {
            return Err(FsError::NotPermitted);
        }
        self.make(|| old.dir().hard_link(old_name, new.dir(), new_name))
    }

    /// Resolves a path whose last name is to go away; a slash at the end does not lead through a link.
    fn removable(&self, path: &str) -> Result<Place<'_>, FsError> {
        self.root.check_writable()?;
        let trimmed = path.trim_end_matches('/');
        let mut place = self.resolve(if trimmed.is_empty() { path } else { trimmed }, false)?;
        place.slash |= trimmed.len() < path.len();
        Ok(place)
    }

    /// Resolves a path at which something is to be made.
    fn vacant(&self, path: &str) -> Result<Place<'_>, FsError> {
        let place = self.removable(path)?;
        if place.found.is_some() {
            return Err(FsError::Exist);
        }
        self.check_room(&place)?;
        Ok(place)
    }

    fn vacant_file(&self, path: &str) -> Result<Place<'_>, FsError> {
        let place = self.vacant(path)?;
        if place.slash {
            return Err(FsError::NoEntry);
        }
        Ok(place)
    }
}

impl OpenNode for DiskNode {
    fn kind(&self) -> Result<NodeKind, FsError> {
        Ok(self.node_kind())
    }

    fn stat(&self) -> Result<Stat, FsError> {
        self.attributes()
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat, FsError> {
        Ok(stat_of(self.resolve(path, follow)?.existing()?))
    }

    fn identity(&self) -> Result<(u64, u64), FsError> {
        let metadata = self.metadata()?;
        Ok((metadata.dev(), metadata.ino()))
    }

    fn identity_at(&self, path: &str, follow: bool) -> Result<(u64, u64), FsError> {
        let place = self.resolve(path, follow)?;
        let metadata = place.existing()?;
        Ok((metadata.dev(), metadata.ino()))
    }

    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<(), FsError> {
        self.root.check_writable()?;
        if self.guarded {
            return Err(FsError::NotPermitted);
        }
        if let Ok((dir, _)) = self.directory() {
            return dir
                .set_symlink_times(".", spec(accessed), spec(modified))
                .map_err(failed);
        }
        let times = Timestamps {
            last_access: timespec(accessed)?,
            last_modification: timespec(modified)?,
        };
        rustix::fs::futimens(self.file()?, &times).map_err(|errno| failed(errno.into()))
    }

    fn set_times_at(
        &self,
        path: &str,
        follow: bool,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError> {
        self.root.check_writable()?;
        let place = self.resolve(path, follow)?;
        place.existing()?;
        if place.guarded {
            return Err(FsError::NotPermitted);
        }
        // Whatever link was to be followed was followed.
        let name = place.name.as_deref().unwrap_or(".");
        place
            .dir()
            .set_symlink_times(name, spec(accessed), spec(modified))
            .map_err(failed)
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, FsError> {
        self.read_some(offset, len)
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), FsError> {
        self.write_all(Some(offset), bytes)
    }

    fn append(&self, bytes: &[u8]) -> Result<(), FsError> {
        self.write_all(None, bytes)
    }

    fn set_size(&self, size: u64) -> Result<(), FsError> {
        let file = self.writable_file()?;
        let old = file.metadata().map_err(failed)?.len();
        self.root.allowance.take_bytes(size.saturating_sub(old))?;
        file.set_len(size).map_err(failed)?;
        self.root.changed();
        Ok(())
    }

    fn sync(&self) -> Result<(), FsError> {
        match self.file() {
            Ok(file) if !self.is_read_only() => file.sync_all().map_err(failed),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn list(&self) -> Result<Vec<DirEntry>, FsError> {
        self.entries()
    }

    fn create_dir_at(&self, path: &str) -> Result<(), FsError> {
        let place = self.vacant(path)?;
        let name = place.name.as_deref().ok_or(FsError::Exist)?;
        self.make(|| place.dir().create_dir(name))
    }

    fn remove_dir_at(&self, path: &str) -> Result<(), FsError> {
        let place = self.removable(path)?;
        if !place.existing()?.is_dir() {
            return Err(FsError::NotDirectory);
        }
        let name = place.name.as_deref().ok_or(FsError::Invalid)?;
        if place.guarded {
            return Err(FsError::NotPermitted);
        }
        place.dir().remove_dir(name).map_err(failed)?;
        self.root.changed();
        Ok(())
    }

    fn unlink_at(&self, path: &str) -> Result<(), FsError> {
        let place = self.removable(path)?;
        if place.existing()?.is_dir() {
            return Err(FsError::IsDirectory);
        }
        let name = place.name.as_deref().ok_or(FsError::Invalid)?;
        if place.guarded {
            return Err(FsError::NotPermitted);
        }
        place.dir().remove_file(name).map_err(failed)?;
        self.root.changed();
        Ok(())
    }

    fn symlink_at(&self, target: &str, path: &str) -> Result<(), FsError> {
        let place = self.vacant_file(path)?;
        let name = place.name.as_deref().ok_or(FsError::Exist)?;
        check_link(name, target, place.depth())?;
        self.make(|| place.dir().symlink(target, name))
    }

    fn readlink_at(&self, path: &str) -> Result<String, FsError> {
        let place = self.resolve(path, false)?;
        let found = place.existing()?;
        let name = place.name.as_deref().ok_or(FsError::Invalid)?;
        if !found.is_symlink() {
            return Err(FsError::Invalid);
        }
        let target = read_link(place.dir(), name)?;
        // An absolute path says how the machine is laid out.
        if target.starts_with('/') {
            return Err(FsError::NotPermitted);
        }
        Ok(target)
    }
}

fn spec(time: SetTime) -> Option<SystemTimeSpec> {
    match time {
        SetTime::Keep => None,
        SetTime::Now => Some(SystemTimeSpec::SymbolicNow),
        SetTime::At(at) => Some(SystemTimeSpec::from(cap_std::time::SystemTime::from_std(
            at,
        ))),
    }
}

fn timespec(time: SetTime) -> Result<Timespec, FsError> {
    let symbolic = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    match time {
        SetTime::Keep => Ok(symbolic(UTIME_OMIT)),
        SetTime::Now => Ok(symbolic(UTIME_NOW)),
        SetTime::At(at) => {
            let since = at
                .duration_since(std::time::SystemTime::UNIX_EPOCH)
                .map_err(|_| FsError::Invalid)?;
            Ok(Timespec {
                tv_sec: since.as_secs().try_into().map_err(|_| FsError::Invalid)?,
                tv_nsec: since.subsec_nanos().into(),
            })
        }
    }
}
