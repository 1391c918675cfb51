//! Opening, reading and writing files.

use std::sync::Arc;
use std::time::SystemTime;

use super::content::{Bytes, Content};
use super::name;
use super::node::{Body, Child, NodeId, Times, kind_of};
use super::{DirEntry, FsError, GitTree, Handle, OpenFlags, Stat, name::visible};
use crate::git::{Mode, Spill};
use crate::model::LimitName;

/// What becomes of one of a node's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetTime {
    /// It stays.
    Keep,
    /// It becomes the clock's.
    Now,
    /// It becomes this.
    At(SystemTime),
}

impl GitTree {
    /// Opens, and perhaps makes, what a path names.
    pub fn open_at(
        &mut self,
        dir: Handle,
        path: &str,
        follow: bool,
        flags: OpenFlags,
        write: bool,
    ) -> Result<Handle, FsError> {
        if flags.directory && (flags.create || flags.exclusive || flags.truncate) {
            return Err(FsError::Invalid);
        }
        if self.options.read_only && (write || flags.truncate) {
            return Err(FsError::ReadOnly);
        }
        let trimmed = path.trim_end_matches('/');
        if flags.create && !trimmed.is_empty() && trimmed.len() < path.len() {
            // As on Linux: a file is asked for by a directory's name, whatever is there.
            self.resolve(dir, trimmed, false)?;
            return Err(FsError::IsDirectory);
        }
        let exclusive = flags.create && flags.exclusive;
        let place = self.resolve(dir, path, follow && !exclusive)?;
        let Some(node) = place.node else {
            if !flags.create {
                return Err(place.missing());
            }
            if place.slash {
                return Err(FsError::IsDirectory);
            }
            let name = place.name.as_deref().unwrap_or_default();
            let node = self.make(
                place.dir,
                name,
                Body::File(Mode::FILE, Content::new(Vec::new())),
            )?;
            return self.open_node(node, write);
        };
        if exclusive {
            return Err(FsError::Exist);
        }
        if self.is_directory(node) {
            if write || flags.truncate || flags.create {
                return Err(FsError::IsDirectory);
            }
            return self.open_node(node, false);
        }
        if matches!(self.node(node).body, Body::Symlink(..)) {
            return Err(FsError::Loop);
        }
        if flags.directory || place.slash {
            return Err(FsError::NotDirectory);
        }
        if (write || flags.truncate) && self.node(node).guarded {
            return Err(FsError::NotPermitted);
        }
        let handle = self.open_node(node, write)?;
        if flags.truncate {
            self.clear(node);
        }
        Ok(handle)
    }

    /// Reads the attributes of what a path names.
    pub fn stat_at(&mut self, dir: Handle, path: &str, follow: bool) -> Result<Stat, FsError> {
        let node = self.resolve(dir, path, follow)?.existing(self)?;
        self.stat_node(node)
    }

    /// Returns the node number of what a path names.
    pub fn node_id_at(&mut self, dir: Handle, path: &str, follow: bool) -> Result<u64, FsError> {
        Ok(self.resolve(dir, path, follow)?.existing(self)?.0 as u64)
    }

    /// Reads at most `len` bytes of a file; none means its end.
    pub fn read(&mut self, handle: Handle, offset: u64, len: usize) -> Result<Vec<u8>, FsError> {
        check_offset(offset)?;
        let node = self.opened(handle)?;
        self.content(node)?.read(offset, len)
    }

    /// Writes bytes at an offset; all of them or none.
    pub fn write(&mut self, handle: Handle, offset: u64, bytes: &[u8]) -> Result<(), FsError> {
        let node = self.writable(handle)?;
        check_offset(offset)?;
        let old = self.content(node)?.size();
        if bytes.is_empty() {
            return Ok(());
        }
        let end = offset.saturating_add(bytes.len() as u64);
        let hole = offset.saturating_sub(old);
        self.spend(node, end, hole.saturating_add(bytes.len() as u64))?;
        self.change(node, end, |content| content.write(offset, bytes))
    }

    /// Writes bytes at the end of a file.
    pub fn append(&mut self, handle: Handle, bytes: &[u8]) -> Result<(), FsError> {
        let node = self.writable(handle)?;
        let end = self.content(node)?.size();
        self.write(handle, end, bytes)
    }

    /// Cuts a file, or lengthens it by zeros.
    pub fn set_size(&mut self, handle: Handle, size: u64) -> Result<(), FsError> {
        let node = self.writable(handle)?;
        check_offset(size)?;
        if size == 0 {
            self.clear(node);
            return Ok(());
        }
        let old = self.content(node)?.size();
        self.spend(node, size, size.saturating_sub(old))?;
        self.change(node, size, |content| content.set_size(size))
    }

    /// Sets the times of an open node; git keeps none, so this is no edit.
    pub fn set_times(
        &mut self,
        handle: Handle,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError> {
        let node = self.opened(handle)?;
        self.set_node_times(node, accessed, modified)
    }

    /// Sets the times of what a path names.
    pub fn set_times_at(
        &mut self,
        dir: Handle,
        path: &str,
        follow: bool,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError> {
        let place = if follow {
            self.resolve(dir, path, true)?
        } else {
            self.resolve_name(dir, path)?
        };
        let node = place.existing(self)?;
        self.set_node_times(node, accessed, modified)
    }

    /// Lists a directory as it is now, by name.
    pub fn list(&mut self, dir: Handle) -> Result<Vec<DirEntry>, FsError> {
        let node = self.opened(dir)?;
        if matches!(self.node(node).body, Body::Gitlink(..)) {
            return Ok(Vec::new());
        }
        let shown: Vec<_> = self
            .entries(node)?
            .iter()
            .filter_map(|(name, &child)| visible(name).map(|name| (name.to_owned(), child)))
            .collect();
        Ok(shown
            .into_iter()
            .map(|(name, child)| DirEntry {
                name,
                kind: match child {
                    Child::Base(mode, _) => kind_of(mode),
                    Child::Node(node) => self.node(node).body.kind(),
                },
            })
            .collect())
    }

    /// Makes a node of a new name, within the quota.
    pub(super) fn make(&mut self, dir: NodeId, name: &str, body: Body) -> Result<NodeId, FsError> {
        name::check_new(name)?;
        self.check_room(dir, 0)?;
        // Loads the directory first, so that nothing is half made if that fails.
        self.entries(dir)?;
        self.allowance.take_file()?;
        let node = self.add(dir, body, true);
        self.entries(dir)?
            .insert(name.as_bytes().into(), Child::Node(node));
        self.touch(node);
        self.touch(dir);
        Ok(node)
    }

    fn set_node_times(
        &mut self,
        node: NodeId,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError> {
        if self.options.read_only {
            return Err(FsError::ReadOnly);
        }
        let now = (self.options.clock)();
        let old = self.times(node);
        let pick = |set, old| match set {
            SetTime::Keep => old,
            SetTime::Now => now,
            SetTime::At(time) => time,
        };
        self.nodes[node.0].times = Some(Times {
            accessed: pick(accessed, old.accessed),
            modified: pick(modified, old.modified),
            changed: now,
        });
        Ok(())
    }

    fn writable(&self, handle: Handle) -> Result<NodeId, FsError> {
        if self.options.read_only {
            return Err(FsError::ReadOnly);
        }
        let node = self.opened(handle)?;
        if handle.writable {
            Ok(node)
        } else {
            Err(FsError::BadDescriptor)
        }
    }

    /// Loads a file: into memory, or where that is too much, to the disk.
    fn content(&mut self, node: NodeId) -> Result<&Bytes, FsError> {
        let quotas = self.options.quotas;
        let Body::File(_, content) = &mut self.nodes[node.0].body else {
            return Err(FsError::BadDescriptor);
        };
        if content.loaded().is_none() {
            let size = content.size(&self.repo)?;
            if size > quotas.file_size {
                content.refuse();
                return Err(self.allowance.refuse(LimitName::FileSize));
            }
            if self.allowance.held().saturating_add(size) > quotas.bytes_held {
                return Err(self.allowance.refuse(LimitName::Held));
            }
            let spill = if size > quotas.in_memory {
                Some(self.spill()?)
            } else {
                None
            };
            if let Body::File(_, content) = &mut self.nodes[node.0].body {
                content.load(&self.repo, spill.as_ref())?;
                self.allowance.hold(content.held());
            }
        }
        match &self.nodes[node.0].body {
            Body::File(_, content) => content.loaded().ok_or(FsError::BadDescriptor),
            Body::Directory(_) | Body::Gitlink(..) | Body::Symlink(..) => {
                Err(FsError::BadDescriptor)
            }
        }
    }

    /// Returns the call's own file on the disk, made at its first use.
    fn spill(&mut self) -> Result<Arc<Spill>, FsError> {
        if let Some(spill) = &self.spill {
            return Ok(spill.clone());
        }
        let spill = self.repo.spill(self.options.quotas.file_size)?;
        Ok(self.spill.insert(spill).clone())
    }

    /// Takes bytes from the quota; `size` is what the file will be.
    fn spend(&mut self, node: NodeId, size: u64, bytes: u64) -> Result<(), FsError> {
        if size > self.options.quotas.file_size {
            if let Body::File(_, content) = &mut self.nodes[node.0].body {
                content.refuse();
            }
            return Err(self.allowance.refuse(LimitName::FileSize));
        }
        self.allowance.take_bytes(bytes)
    }

    /// Changes a file that will have a size.
    fn change(
        &mut self,
        node: NodeId,
        size: u64,
        change: impl FnOnce(&mut Content) -> Result<(), FsError>,
    ) -> Result<(), FsError> {
        self.content(node)?;
        let spill = if size > self.options.quotas.in_memory {
            Some(self.spill()?)
        } else {
            None
        };
        if let Body::File(_, content) = &mut self.nodes[node.0].body {
            let held = content.held();
            if let Some(spill) = spill {
                content.spill(&spill)?;
            }
            change(content)?;
            self.allowance.let_go(held);
        }
        self.touch(node);
        Ok(())
    }

    fn clear(&mut self, node: NodeId) {
        if let Body::File(_, content) = &mut self.nodes[node.0].body {
            self.allowance.let_go(content.held());
            content.clear();
        }
        self.touch(node);
    }
}

/// Checks that a place in a file is one that a file can have.
fn check_offset(offset: u64) -> Result<(), FsError> {
    i64::try_from(offset)
        .map(drop)
        .map_err(|_| FsError::Invalid)
}
