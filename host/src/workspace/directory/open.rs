//! Opening what was granted: the one place where a path of the machine becomes a handle.

use std::path::{Component, Path};
use std::sync::Arc;

use cap_fs_ext::DirExt as _;
use cap_std::fs::Dir;
use rustix::io::Errno;

use super::error::DirectoryError;
use super::node::DiskNode;
use super::places::is_made_up;
use super::protect::{Protected, check_directories};
use super::root::{Held, Root};
use crate::model::{Access, DirectoryRule, DirectoryUse};
use crate::workspace::Allowance;

/// A directory that was granted and opened: the authority to use it.
#[derive(Debug, Clone)]
pub struct GrantedDirectory {
    node: DiskNode,
}

impl GrantedDirectory {
    /// Returns where the plugin finds it.
    pub fn at(&self) -> &str {
        self.node.root.at()
    }

    /// Returns it as an open directory.
    pub fn node(&self) -> DiskNode {
        self.node.clone()
    }

    /// Tells whether a change was refused there because it was granted for reading.
    pub fn refused(&self) -> bool {
        self.node.root.refused()
    }

    /// Returns what was done there so far.
    pub fn account(&self) -> DirectoryUse {
        self.node.root.account()
    }
}

/// Opens the directories of a call's grant, after [`check_directories`]; what is written there counts against the call's allowance.
pub(in crate::workspace) fn open_all(
    rules: &[DirectoryRule],
    protected: &Protected,
    allowance: &Arc<Allowance>,
) -> Result<Vec<GrantedDirectory>, DirectoryError> {
    check_directories(rules, protected)?;
    let held = Arc::new(Held::new(allowance.clone()));
    rules
        .iter()
        // A rule that was cut down to nothing opens nothing.
        .filter(|rule| rule.access != Access::None)
        .map(|rule| {
            let dir = open(rule)?;
            let root = Root::new(
                rule.at.clone(),
                rule.access,
                allowance.clone(),
                held.clone(),
            );
            let node =
                DiskNode::of_root(dir, Arc::new(root)).map_err(|error| DirectoryError::Open {
                    rule: rule.clone(),
                    source: std::io::Error::other(error),
                })?;
            Ok(GrantedDirectory { node })
        })
        .collect()
}

/// Opens directories as a call does, and lets them go: what cannot be opened is refused before it is granted.
pub fn check_openable(rules: &[DirectoryRule]) -> Result<(), DirectoryError> {
    rules.iter().try_for_each(|rule| open(rule).map(drop))
}

/// Opens a directory by its path, name by name and through no link: what was granted is what is opened.
fn open(rule: &DirectoryRule) -> Result<Dir, DirectoryError> {
    let failed = |source: std::io::Error| match Errno::from_io_error(&source) {
        Some(Errno::NOTDIR | Errno::LOOP) => what_it_is(rule),
        Some(Errno::NOENT) => DirectoryError::Missing { rule: rule.clone() },
        _ => DirectoryError::Open {
            rule: rule.clone(),
            source,
        },
    };
    // The one use of the process's own authority over files here.
    let mut dir = Dir::open_ambient_dir("/", cap_std::ambient_authority()).map_err(failed)?;
    for part in rule.path.components() {
        match part {
            Component::Normal(name) => dir = dir.open_dir_nofollow(name).map_err(failed)?,
            Component::RootDir => {}
            // The rule's own text has none of these.
            Component::Prefix(_) | Component::CurDir | Component::ParentDir => {
                return Err(DirectoryError::NotADirectory { rule: rule.clone() });
            }
        }
    }
    if is_made_up(&dir) {
        return Err(DirectoryError::MadeUp { rule: rule.clone() });
    }
    Ok(dir)
}

/// Tries to open granted directories, and tells what is in the way of each.
pub fn try_directories(rules: &[DirectoryRule], protected: &Protected) -> Vec<DirectoryError> {
    let mut wrong: Vec<_> = check_directories(rules, protected)
        .err()
        .into_iter()
        .collect();
    if wrong.is_empty() {
        wrong.extend(rules.iter().filter_map(|rule| open(rule).err()));
    }
    wrong
}

/// Tells a link from something that is no directory, for the person who granted it.
fn what_it_is(rule: &DirectoryRule) -> DirectoryError {
    let is_link = |path: &Path| {
        path.symlink_metadata()
            .is_ok_and(|found| found.is_symlink())
    };
    if rule.path.ancestors().any(is_link) {
        DirectoryError::Link {
            rule: rule.clone(),
            leads_to: rule.path.canonicalize().ok(),
        }
    } else {
        DirectoryError::NotADirectory { rule: rule.clone() }
    }
}
