//! What a call met in its tree that is not there as it would be in a checkout.

use std::collections::HashMap;

use super::GitTree;
use super::content::Met;
use super::node::{Body, Child, NodeId};
use super::tree::ROOT;
use crate::git::Mode;

/// How many names of a kind are told; more are counted.
const NAMES: usize = 10;

/// How many files that were read are looked at for filters.
const READ: usize = 1000;

/// Some names, sorted, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The first of them.
    pub first: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

impl Names {
    /// Takes the first names, and counts the others.
    pub fn of(names: impl IntoIterator<Item = String>) -> Self {
        let mut first: Vec<_> = names.into_iter().collect();
        first.sort();
        let more = first.len().saturating_sub(NAMES);
        first.truncate(NAMES);
        Self { first, more }
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.first.join(", "))?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// What a call met that is not there as it would be in a checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Submodules that it asked for: it found empty directories.
    pub submodules: Vec<String>,
    /// Pointers of Git LFS that it read as they are.
    pub pointers: Vec<String>,
    /// Files that are, or would have become, larger than one file may be.
    pub oversize: Vec<String>,
    /// Other files that it read, in no order, as far as there is sense in looking.
    pub read: Vec<String>,
}

impl GitTree {
    /// Lists what a call met that is not there as it would be in a checkout.
    pub fn left_out(&self) -> LeftOut {
        let mut found = LeftOut::default();
        let mut names = PathNames::default();
        for (id, node) in self.nodes.iter().enumerate() {
            let list = match &node.body {
                Body::Gitlink(Mode::GITLINK, _) => &mut found.submodules,
                Body::File(_, content) => match content.met() {
                    Met::Pointer => &mut found.pointers,
                    Met::TooLarge => &mut found.oversize,
                    Met::Read if found.read.len() < READ => &mut found.read,
                    Met::Read | Met::Nothing => continue,
                },
                Body::Directory(_) | Body::Symlink(..) | Body::Gitlink(..) => continue,
            };
            // What has no name any more is of no interest to anybody.
            list.extend(names.path(self, NodeId(id)));
        }
        found
    }
}

/// What nodes are called in their directories.
#[derive(Default)]
struct PathNames(HashMap<NodeId, HashMap<NodeId, String>>);

impl PathNames {
    fn path(&mut self, tree: &GitTree, mut id: NodeId) -> Option<String> {
        let mut path = String::new();
        while id != ROOT {
            let dir = tree.node(id).parent?;
            let names = self.0.entry(dir).or_insert_with(|| names_in(tree, dir));
            let name = names.get(&id)?;
            path = if path.is_empty() {
                name.clone()
            } else {
                format!("{name}/{path}")
            };
            id = dir;
        }
        Some(path)
    }
}

fn names_in(tree: &GitTree, dir: NodeId) -> HashMap<NodeId, String> {
    let Body::Directory(directory) = &tree.node(dir).body else {
        return HashMap::new();
    };
    let entries = directory.entries.iter().flatten();
    entries
        .filter_map(|(name, child)| match child {
            Child::Node(node) => Some((*node, String::from_utf8_lossy(name).into_owned())),
            Child::Base(..) => None,
        })
        .collect()
}
