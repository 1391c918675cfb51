//! From a path to a node: `.`, `..`, links and trailing slashes, none of which leads out.

use super::name::{LONGEST_PATH, check_length};
use super::node::{Body, NodeId};
use super::{FsError, GitTree, Handle};

/// How many links one path may follow, as on Linux.
const MOST_LINKS: usize = 40;

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Place {
    /// The directory of its last name.
    pub(super) dir: NodeId,
    /// Its last name; `None` if it ends in `.` or `..`, so that it names a directory without saying where it is.
    pub(super) name: Option<String>,
    /// What is there.
    pub(super) node: Option<NodeId>,
    /// Whether it ends in a slash, so that it must be a directory.
    pub(super) slash: bool,
}

impl Place {
    /// Returns the node that is there; a trailing slash asks for a directory.
    pub(super) fn existing(&self, tree: &GitTree) -> Result<NodeId, FsError> {
        self.check_name()?;
        let node = self.node.ok_or_else(|| self.missing())?;
        if self.slash && !tree.is_directory(node) {
            return Err(FsError::NotDirectory);
        }
        Ok(node)
    }

    /// Checks that the last name is one that something could have.
    pub(super) fn check_name(&self) -> Result<(), FsError> {
        match &self.name {
            Some(name) if name.contains('\0') => Err(FsError::Invalid),
            Some(_) | None => Ok(()),
        }
    }

    /// Returns what is said where there is nothing.
    pub(super) fn missing(&self) -> FsError {
        match self.name.as_deref().map(check_length) {
            Some(Err(error)) => error,
            Some(Ok(())) | None => FsError::NoEntry,
        }
    }
}

impl GitTree {
    pub(super) fn is_directory(&self, node: NodeId) -> bool {
        matches!(self.node(node).body, Body::Directory(_) | Body::Gitlink(..))
    }

    /// Resolves a path from an open directory; `..` does not climb above that directory.
    pub(super) fn resolve(
        &mut self,
        dir: Handle,
        path: &str,
        follow: bool,
    ) -> Result<Place, FsError> {
        self.directory(dir)?;
        if path.contains('\0') {
            return Err(FsError::Invalid);
        }
        self.walk(dir, path, follow)
    }

    /// Resolves a path whose last name is looked at after where it is: as where a directory is opened first, and then
    /// asked to do something to a name.
    pub(super) fn resolve_name(&mut self, dir: Handle, path: &str) -> Result<Place, FsError> {
        self.directory(dir)?;
        if path
            .rsplit_once('/')
            .is_some_and(|(parent, _)| parent.contains('\0'))
        {
            return Err(FsError::Invalid);
        }
        self.walk(dir, path, false)
    }

    /// Returns the node of a handle that is open on a directory.
    pub(super) fn directory(&self, dir: Handle) -> Result<NodeId, FsError> {
        let node = self.opened(dir)?;
        if self.is_directory(node) {
            Ok(node)
        } else {
            Err(FsError::NotDirectory)
        }
    }

    fn walk(&mut self, dir: Handle, path: &str, follow: bool) -> Result<Place, FsError> {
        let start = self.directory(dir)?;
        if path.is_empty() {
            return Err(FsError::NoEntry);
        }
        // What is left to walk, last part first.
        let mut rest = Vec::new();
        let mut slash = push(&mut rest, path)?;
        // The directories from the start to here; the start itself never leaves.
        let mut above = Vec::new();
        let mut here = start;
        let mut links = 0;
        loop {
            let Some(part) = rest.pop() else {
                return Ok(Place {
                    dir: here,
                    name: None,
                    node: Some(here),
                    slash,
                });
            };
            match part.as_str() {
                "." => continue,
                ".." => {
                    here = above.pop().ok_or(FsError::NotPermitted)?;
                    continue;
                }
                _ => {}
            }
            let last = rest.is_empty();
            if last && (part.contains('\0') || check_length(&part).is_err()) {
                // Nothing has such a name: what is asked of it says so.
                return Ok(Place {
                    dir: here,
                    name: Some(part),
                    node: None,
                    slash,
                });
            }
            let Some(node) = self.child(here, &part)? else {
                if last {
                    return Ok(Place {
                        dir: here,
                        name: Some(part),
                        node: None,
                        slash,
                    });
                }
                return Err(FsError::NoEntry);
            };
            let is_link = matches!(self.node(node).body, Body::Symlink(..));
            if is_link && (!last || follow || slash) {
                links += 1;
                if links > MOST_LINKS {
                    return Err(FsError::Loop);
                }
                let target = self.link_target(node)?;
                let ends_in_slash = push(&mut rest, &target)?;
                slash |= last && ends_in_slash;
            } else if last {
                return Ok(Place {
                    dir: here,
                    name: Some(part),
                    node: Some(node),
                    slash,
                });
            } else if self.is_directory(node) {
                above.push(here);
                here = node;
            } else {
                return Err(FsError::NotDirectory);
            }
        }
    }

    /// Reads where a link leads; one that leads to an absolute path is refused.
    pub(super) fn link_target(&mut self, node: NodeId) -> Result<String, FsError> {
        let largest = LONGEST_PATH as u64;
        let Body::Symlink(_, content) = &mut self.nodes[node.0].body else {
            return Err(FsError::Invalid);
        };
        if content.size(&self.repo)? > largest {
            return Err(FsError::FileTooLarge);
        }
        let bytes = content.load(&self.repo, None)?.read(0, usize::MAX)?;
        let target = String::from_utf8(bytes).map_err(|_| FsError::IllegalByteSequence)?;
        if target.starts_with('/') {
            return Err(FsError::NotPermitted);
        }
        if target.is_empty() || target.contains('\0') {
            return Err(FsError::NoEntry);
        }
        Ok(target)
    }
}

/// Puts a path's parts on top of what is left to walk; tells whether it ends in a slash.
fn push(rest: &mut Vec<String>, path: &str) -> Result<bool, FsError> {
    if path.len() >= LONGEST_PATH || rest.len() > LONGEST_PATH {
        return Err(FsError::NameTooLong);
    }
    if path.starts_with('/') {
        return Err(FsError::NotPermitted);
    }
    rest.extend(
        path.rsplit('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned),
    );
    Ok(path.ends_with('/'))
}
