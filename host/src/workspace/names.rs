//! Making, removing and renaming names.

use super::content::Content;
use super::name::{check_length, check_link, check_new, check_target};
use super::node::{Body, Child, Directory, NodeId};
use super::resolve::Place;
use super::tree::ROOT;
use super::{FsError, GitTree, Handle};
use crate::git::Mode;

impl GitTree {
    /// Makes a directory.
    pub fn create_dir_at(&mut self, dir: Handle, path: &str) -> Result<(), FsError> {
        let (dir, name) = vacant(self.removable(dir, path)?)?;
        self.make(dir, &name, Body::Directory(Directory::default()))
            .map(drop)
    }

    /// Makes a symbolic link; one that leads out of the workspace is refused.
    pub fn symlink_at(&mut self, target: &str, dir: Handle, path: &str) -> Result<(), FsError> {
        // In the order of the built-in file system, so that the same mistake gets the same error.
        self.directory(dir)?;
        if target.starts_with('/') {
            return Err(FsError::NotPermitted);
        }
        let place = self.removable(dir, path)?;
        check_target(target)?;
        let (dir, name) = vacant_file(place)?;
        check_link(&name, target, self.depth(dir))?;
        self.make(
            dir,
            &name,
            Body::Symlink(Mode::SYMLINK, Content::new(target.as_bytes().to_vec())),
        )
        .map(drop)
    }

    /// Reads a symbolic link.
    pub fn readlink_at(&mut self, dir: Handle, path: &str) -> Result<String, FsError> {
        let node = self.resolve_name(dir, path)?.existing(self)?;
        self.link_target(node)
    }

    /// Refuses: a git tree has no hard links.
    pub fn link_at(
        &mut self,
        from: Handle,
        from_path: &str,
        to: Handle,
        to_path: &str,
    ) -> Result<(), FsError> {
        if self.options.read_only {
            return Err(FsError::ReadOnly);
        }
        let old = self.resolve_name(from, from_path)?;
        let new = self.removable(to, to_path)?;
        new.check_name()?;
        let node = old.existing(self)?;
        vacant_file(new)?;
        if self.is_directory(node) {
            return Err(FsError::NotPermitted);
        }
        Err(FsError::Unsupported)
    }

    /// Removes an empty directory.
    pub fn remove_dir_at(&mut self, dir: Handle, path: &str) -> Result<(), FsError> {
        let place = self.removable(dir, path)?;
        let node = place.existing(self)?;
        match &self.node(node).body {
            Body::Directory(_) => {}
            Body::Gitlink(..) => return Err(FsError::NotPermitted),
            Body::File(..) | Body::Symlink(..) => return Err(FsError::NotDirectory),
        }
        let name = place.name.ok_or(FsError::Invalid)?;
        self.check_free(node)?;
        // Names that the plugin cannot see keep it too.
        if !self.entries(node)?.is_empty() {
            return Err(FsError::NotEmpty);
        }
        self.detach(place.dir, &name, node)
    }

    /// Removes a file or a link.
    pub fn unlink_at(&mut self, dir: Handle, path: &str) -> Result<(), FsError> {
        let place = self.removable(dir, path)?;
        let node = place.existing(self)?;
        if self.is_directory(node) {
            return Err(FsError::IsDirectory);
        }
        self.check_free(node)?;
        let name = place.name.ok_or(FsError::Invalid)?;
        self.detach(place.dir, &name, node)?;
        self.forget(node);
        Ok(())
    }

    /// Gives a node another name, replacing a file by a file or an empty directory by a directory.
    pub fn rename_at(
        &mut self,
        from: Handle,
        from_path: &str,
        to: Handle,
        to_path: &str,
    ) -> Result<(), FsError> {
        // In Linux's order, so that the same mistake gets the same error.
        let old = self.removable(from, from_path)?;
        let new = self.removable(to, to_path)?;
        let (Some(old_name), Some(new_name)) = (&old.name, new.name.clone()) else {
            return Err(FsError::Busy);
        };
        old.check_name()?;
        new.check_name()?;
        let node = old.node.ok_or_else(|| old.missing())?;
        check_length(&new_name)?;
        let node = if old.slash { old.existing(self)? } else { node };
        if matches!(self.node(node).body, Body::Gitlink(..)) {
            return Err(FsError::NotPermitted);
        }
        self.check_free(node)?;
        let is_directory = self.is_directory(node);
        if new.slash && !is_directory {
            return Err(FsError::NotDirectory);
        }
        check_new(&new_name)?;
        if new.node == Some(node) {
            return Ok(());
        }
        if self.is_above(node, new.dir) {
            return Err(FsError::Invalid);
        }
        if new.node.is_some_and(|there| self.is_above(there, old.dir)) {
            return Err(FsError::NotEmpty);
        }
        self.check_room(new.dir, self.height(node))?;
        self.check_moved(node, (old_name, old.dir), (&new_name, new.dir))?;
        if let Some(there) = new.node {
            match (is_directory, &self.node(there).body) {
                (_, Body::Gitlink(..)) => return Err(FsError::NotPermitted),
                (true, Body::File(..) | Body::Symlink(..)) => return Err(FsError::NotDirectory),
                (false, Body::Directory(_)) => return Err(FsError::IsDirectory),
                (true, Body::Directory(_)) => {
                    if !self.entries(there)?.is_empty() {
                        return Err(FsError::NotEmpty);
                    }
                }
                (false, Body::File(..) | Body::Symlink(..)) => {}
            }
            self.detach(new.dir, &new_name, there)?;
            self.forget(there);
        }
        self.detach(old.dir, old_name, node)?;
        self.entries(new.dir)?
            .insert(new_name.into_bytes().into(), Child::Node(node));
        self.nodes[node.0].parent = Some(new.dir);
        self.touch(new.dir);
        Ok(())
    }

    /// Resolves a path whose last name is to go away, which a read-only tree refuses.
    fn removable(&mut self, dir: Handle, path: &str) -> Result<Place, FsError> {
        if self.options.read_only {
            return Err(FsError::ReadOnly);
        }
        // A slash at the end asks for a directory here; it does not lead through a link.
        let trimmed = path.trim_end_matches('/');
        let mut place = self.resolve_name(dir, if trimmed.is_empty() { path } else { trimmed })?;
        place.slash |= trimmed.len() < path.len();
        Ok(place)
    }

    /// Takes a name out of a directory; the node lives on while handles are open.
    fn detach(&mut self, dir: NodeId, name: &str, node: NodeId) -> Result<(), FsError> {
        self.entries(dir)?.remove(name.as_bytes());
        self.nodes[node.0].parent = None;
        self.touch(dir);
        Ok(())
    }

    /// Refuses to take away what is the host's own.
    fn check_free(&self, node: NodeId) -> Result<(), FsError> {
        if self.node(node).guarded {
            Err(FsError::NotPermitted)
        } else {
            Ok(())
        }
    }

    /// Tells whether a node is a directory, or is above it.
    fn is_above(&self, node: NodeId, dir: NodeId) -> bool {
        std::iter::successors(Some(dir), |&dir| self.node(dir).parent).any(|dir| dir == node)
    }

    /// Counts the levels of loaded directories in a node.
    fn height(&self, node: NodeId) -> usize {
        let mut height = 0;
        let mut level = vec![node];
        while !level.is_empty() && node != ROOT {
            level = level
                .iter()
                .filter_map(|&id| match &self.node(id).body {
                    Body::Directory(directory) => directory.entries.as_ref(),
                    Body::File(..) | Body::Symlink(..) | Body::Gitlink(..) => None,
                })
                .flat_map(|entries| entries.values())
                .filter_map(|child| match child {
                    Child::Node(id) => Some(*id),
                    Child::Base(..) => None,
                })
                .collect();
            height += 1;
        }
        height
    }
}

/// Returns where something is to be made; there is to be nothing yet.
fn vacant(place: Place) -> Result<(NodeId, String), FsError> {
    place.check_name()?;
    match (place.node, place.name) {
        (None, Some(name)) => Ok((place.dir, name)),
        (Some(_), _) | (None, None) => Err(FsError::Exist),
    }
}

/// The same for what is no directory.
fn vacant_file(place: Place) -> Result<(NodeId, String), FsError> {
    let slash = place.slash;
    let (dir, name) = vacant(place)?;
    check_length(&name)?;
    if slash {
        Err(FsError::NoEntry)
    } else {
        Ok((dir, name))
    }
}
