//! The directory above several repositories: their names, and nothing that could be changed.

use std::sync::Arc;
use std::time::SystemTime;

use super::open_file::{OpenFile, SharedTree};
use crate::model::MemberName;
use crate::workspace::{DirEntry, FsError, NodeKind, OpenFlags, OpenNode, SetTime, Stat};

/// What no node of a tree, and no file of a machine, is told apart by.
const NUMBER: u64 = u64::MAX;

/// A directory that has a repository for each of its names. A path through it goes on in that one's tree, from its root; it is
/// one step up from none of them.
#[derive(Clone)]
pub(super) struct Roof(Arc<Vec<(MemberName, OpenFile)>>);

/// Where a path leads.
pub(super) enum Under {
    /// To the roof itself.
    Roof,
    /// On in a repository's tree.
    Member(OpenFile, String),
    /// To a name that is not there, and to nothing below it.
    Nothing,
}

impl Roof {
    /// Puts trees under one roof.
    pub(super) fn new(trees: Vec<(MemberName, SharedTree)>) -> Self {
        let roots = trees.into_iter().map(|(name, tree)| {
            let root = tree.lock().root();
            (name, OpenFile::new(tree, root))
        });
        Self(Arc::new(roots.collect()))
    }

    /// Tells whether nothing under it can be changed.
    pub(super) fn is_read_only(&self) -> bool {
        self.0.iter().all(|(_, root)| root.tree().is_read_only())
    }

    /// Finds where a path goes on.
    pub(super) fn under(&self, path: &str) -> Result<Under, FsError> {
        if path.contains('\0') {
            return Err(FsError::Invalid);
        }
        if path.is_empty() {
            return Err(FsError::NoEntry);
        }
        if path.starts_with('/') {
            return Err(FsError::NotPermitted);
        }
        let mut rest = path;
        let name = loop {
            let (part, after) = rest.split_once('/').unwrap_or((rest, ""));
            match part {
                "" | "." if after.is_empty() => return Ok(Under::Roof),
                "" | "." => rest = after,
                ".." => return Err(FsError::NotPermitted),
                name => {
                    rest = after.trim_start_matches('/');
                    break name;
                }
            }
        };
        match self.0.iter().find(|(member, _)| member.as_str() == name) {
            Some((_, root)) => {
                let rest = if rest.is_empty() { "." } else { rest };
                Ok(Under::Member(root.clone(), rest.to_owned()))
            }
            None if rest.is_empty() => Ok(Under::Nothing),
            None => Err(FsError::NoEntry),
        }
    }

    /// Refuses to open the roof itself as anything but a directory that is there.
    pub(super) fn check_open(&self, how: OpenFlags, write: bool) -> Result<(), FsError> {
        if how.create && how.exclusive {
            return Err(FsError::Exist);
        }
        if write {
            return Err(FsError::IsDirectory);
        }
        self.kind().map(drop)
    }

    /// Finds where a path goes on to something that is looked at.
    fn existing(&self, path: &str) -> Result<Option<(OpenFile, String)>, FsError> {
        match self.under(path)? {
            Under::Roof => Ok(None),
            Under::Member(root, rest) => Ok(Some((root, rest))),
            Under::Nothing => Err(FsError::NoEntry),
        }
    }

    /// Finds where a path goes on to something that is made, removed or renamed: never a repository, nor beside them.
    pub(super) fn changing(&self, path: &str) -> Result<(OpenFile, String), FsError> {
        match self.under(path)? {
            Under::Member(root, rest) if rest.split('/').any(|part| !matches!(part, "" | ".")) => {
                Ok((root, rest))
            }
            Under::Roof | Under::Member(..) | Under::Nothing => Err(FsError::NotPermitted),
        }
    }
}

impl OpenNode for Roof {
    fn kind(&self) -> Result<NodeKind, FsError> {
        Ok(NodeKind::Directory)
    }

    fn stat(&self) -> Result<Stat, FsError> {
        let mut newest = Stat {
            kind: NodeKind::Directory,
            size: 0,
            links: 1,
            accessed: SystemTime::UNIX_EPOCH,
            modified: SystemTime::UNIX_EPOCH,
            changed: SystemTime::UNIX_EPOCH,
        };
        for (_, root) in self.0.iter() {
            let stat = root.stat()?;
            newest.accessed = newest.accessed.max(stat.accessed);
            newest.modified = newest.modified.max(stat.modified);
            newest.changed = newest.changed.max(stat.changed);
        }
        Ok(newest)
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat, FsError> {
        match self.existing(path)? {
            None => self.stat(),
            Some((root, rest)) => root.stat_at(&rest, follow),
        }
    }

    fn identity(&self) -> Result<(u64, u64), FsError> {
        Ok((NUMBER, 0))
    }

    fn identity_at(&self, path: &str, follow: bool) -> Result<(u64, u64), FsError> {
        match self.existing(path)? {
            None => self.identity(),
            Some((root, rest)) => root.identity_at(&rest, follow),
        }
    }

    fn set_times(&self, _: SetTime, _: SetTime) -> Result<(), FsError> {
        Err(FsError::NotPermitted)
    }

    fn set_times_at(
        &self,
        path: &str,
        follow: bool,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError> {
        match self.existing(path)? {
            None => self.set_times(accessed, modified),
            Some((root, rest)) => root.set_times_at(&rest, follow, accessed, modified),
        }
    }

    fn read(&self, _: u64, _: usize) -> Result<Vec<u8>, FsError> {
        Err(FsError::IsDirectory)
    }

    fn write(&self, _: u64, _: &[u8]) -> Result<(), FsError> {
        Err(FsError::BadDescriptor)
    }

    fn append(&self, _: &[u8]) -> Result<(), FsError> {
        Err(FsError::BadDescriptor)
    }

    fn set_size(&self, _: u64) -> Result<(), FsError> {
        Err(FsError::BadDescriptor)
    }

    fn sync(&self) -> Result<(), FsError> {
        Ok(())
    }

    fn list(&self) -> Result<Vec<DirEntry>, FsError> {
        let mut names: Vec<_> = self.0.iter().map(|(name, _)| name.to_string()).collect();
        names.sort();
        let entry = |name| DirEntry {
            name,
            kind: NodeKind::Directory,
        };
        Ok(names.into_iter().map(entry).collect())
    }

    fn create_dir_at(&self, path: &str) -> Result<(), FsError> {
        match self.under(path)? {
            Under::Roof => Err(FsError::Exist),
            Under::Member(root, rest) => root.create_dir_at(&rest),
            Under::Nothing => Err(FsError::NotPermitted),
        }
    }

    fn remove_dir_at(&self, path: &str) -> Result<(), FsError> {
        let (root, rest) = self.changing(path)?;
        root.remove_dir_at(&rest)
    }

    fn unlink_at(&self, path: &str) -> Result<(), FsError> {
        let (root, rest) = self.changing(path)?;
        root.unlink_at(&rest)
    }

    fn symlink_at(&self, target: &str, path: &str) -> Result<(), FsError> {
        let (root, rest) = self.changing(path)?;
        root.symlink_at(target, &rest)
    }

    fn readlink_at(&self, path: &str) -> Result<String, FsError> {
        match self.existing(path)? {
            None => Err(FsError::Invalid),
            Some((root, rest)) => root.readlink_at(&rest),
        }
    }
}
