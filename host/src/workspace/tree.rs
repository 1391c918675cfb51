//! The tree itself: its base, its nodes, its handles.

use std::sync::Arc;
use std::time::SystemTime;

use super::content::Bytes;
use super::node::{Body, Child, Directory, Entries, Node, NodeId, Times};
use super::{Allowance, FsError, NodeKind, Quotas, Stat};
use crate::git::{GitError, Repo, Spill, TreeId};
use crate::model::{CommitId, LimitName};

/// How many levels of directories may be made: a path of 4096 bytes in a checkout holds no more that anybody would read.
const DEEPEST: usize = 255;

/// How large a blob may be to be read at once, on a thread that answers calls: inflating it takes a millisecond or so.
const AT_ONCE: u64 = 128 << 10;

/// Where a tree takes the time from.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// How a tree is opened.
#[derive(Clone)]
pub struct TreeOptions {
    /// Refuses every change.
    pub read_only: bool,
    /// What may be used up.
    pub quotas: Quotas,
    /// The time that changes get.
    pub clock: Clock,
}

/// An open file or directory of a tree: it stays with the node through renames and unlinking, until `close`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    pub(super) node: NodeId,
    pub(super) writable: bool,
}

/// A commit's tree, read when touched, with a private overlay.
///
/// All calls may read the object database, so they block. Any number of threads may hold trees, each tree one at a time.
pub struct GitTree {
    pub(super) repo: Repo,
    pub(super) base: CommitId,
    pub(super) base_tree: TreeId,
    pub(super) base_time: SystemTime,
    pub(super) nodes: Vec<Node>,
    pub(super) options: TreeOptions,
    /// Handles that may still be opened.
    pub(super) handles_left: u32,
    pub(super) allowance: Arc<Allowance>,
    /// Where bytes are that are too many for memory.
    pub(super) spill: Option<Arc<Spill>>,
}

impl std::fmt::Debug for GitTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitTree")
            .field("base", &self.base)
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

/// The root is made first, and is never removed.
pub(super) const ROOT: NodeId = NodeId(0);

impl GitTree {
    /// Returns the limit that a write was refused by.
    pub fn refused(&self) -> Option<LimitName> {
        self.allowance.refused()
    }

    /// Gives back the memory of what was written. What still works on it, on another thread, finds no open file any more, and
    /// nothing else may be asked of the tree.
    pub fn give_up(&mut self) {
        self.nodes = Vec::new();
    }

    /// Opens a commit's tree; reads the commit alone, whatever the tree's size.
    pub fn open(repo: Repo, base: &CommitId, options: TreeOptions) -> Result<Self, GitError> {
        let allowance = Allowance::new(options.quotas.files, options.quotas.bytes_written);
        Self::open_with(repo, base, options, Arc::new(allowance))
    }

    /// Opens a commit's tree as one of several places that a call writes to.
    pub fn open_with(
        repo: Repo,
        base: &CommitId,
        options: TreeOptions,
        allowance: Arc<Allowance>,
    ) -> Result<Self, GitError> {
        let commit = repo.commit(base)?;
        let root = Directory {
            base: Some(commit.tree),
            entries: None,
        };
        Ok(Self {
            repo,
            base: base.clone(),
            base_tree: commit.tree,
            base_time: commit.time,
            nodes: vec![Node {
                parent: None,
                body: Body::Directory(root),
                touched: false,
                guarded: false,
                opens: 0,
                times: None,
            }],
            handles_left: options.quotas.open_handles,
            allowance,
            spill: None,
            options,
        })
    }

    /// Returns the commit that it was opened at.
    pub fn base(&self) -> &CommitId {
        &self.base
    }

    /// Returns the tree of that commit.
    pub fn base_tree(&self) -> TreeId {
        self.base_tree
    }

    /// Tells whether every change is refused.
    pub fn is_read_only(&self) -> bool {
        self.options.read_only
    }

    /// Returns what is left of the quotas.
    pub fn left(&self) -> Quotas {
        let (files, bytes_written) = self.allowance.left();
        Quotas {
            files,
            bytes_written,
            open_handles: self.handles_left,
            ..self.options.quotas
        }
    }

    /// Opens the root directory.
    pub fn root(&mut self) -> Handle {
        // The preopen is the host's doing, so it is counted but not refused.
        self.handles_left = self.handles_left.saturating_sub(1);
        self.allowance.opened();
        self.nodes[ROOT.0].opens += 1;
        Handle {
            node: ROOT,
            writable: false,
        }
    }

    /// Closes a handle.
    pub fn close(&mut self, handle: Handle) {
        // There are no nodes where the tree was given up while something still worked on it.
        match self.nodes.get_mut(handle.node.0) {
            Some(node) if node.opens > 0 => node.opens -= 1,
            Some(_) | None => return,
        }
        self.handles_left += 1;
        self.allowance.closed();
        self.forget(handle.node);
    }

    /// Lets go of a closed file's bytes: they can be read again, or nobody can reach them.
    pub(super) fn forget(&mut self, id: NodeId) {
        let node = &mut self.nodes[id.0];
        if let (0, Body::File(_, content)) = (node.opens, &mut node.body) {
            self.allowance.let_go(content.held());
            content.release();
            if node.parent.is_none() {
                content.clear();
            }
        }
    }

    /// Tells whether two handles are open on one node.
    pub fn is_same(&self, a: Handle, b: Handle) -> bool {
        a.node == b.node
    }

    /// Returns a number that stays the node's own, whatever is written to it or however it is named.
    pub fn node_id(&self, handle: Handle) -> u64 {
        handle.node.0 as u64
    }

    /// Tells whether the handle was opened for writing.
    pub fn is_writable(&self, handle: Handle) -> bool {
        handle.writable && !self.options.read_only
    }

    /// Tells whether reading or writing what a handle is open on may wait for a disk.
    pub fn may_block(&mut self, handle: Handle) -> bool {
        let Self { nodes, repo, .. } = self;
        match nodes.get_mut(handle.node.0).map(|node| &mut node.body) {
            Some(Body::File(_, content)) => match content.loaded() {
                Some(Bytes::Memory(_)) => false,
                Some(Bytes::Disk(_)) => true,
                None => content.size(repo).is_ok_and(|size| size > AT_ONCE),
            },
            Some(Body::Directory(_) | Body::Symlink(..) | Body::Gitlink(..)) | None => false,
        }
    }

    /// Tells what a handle is open on.
    pub fn kind(&self, handle: Handle) -> Result<NodeKind, FsError> {
        Ok(self.node(self.opened(handle)?).body.kind())
    }

    /// Reads the attributes of an open node.
    pub fn stat(&mut self, handle: Handle) -> Result<Stat, FsError> {
        let node = self.opened(handle)?;
        self.stat_node(node)
    }

    pub(super) fn stat_node(&mut self, id: NodeId) -> Result<Stat, FsError> {
        let times = self.times(id);
        let node = &mut self.nodes[id.0];
        let kind = node.body.kind();
        let size = match &mut node.body {
            Body::File(_, content) | Body::Symlink(_, content) => content.size(&self.repo)?,
            Body::Directory(_) | Body::Gitlink(..) => 0,
        };
        Ok(Stat {
            kind,
            size,
            links: u64::from(id == ROOT || node.parent.is_some()),
            accessed: times.accessed,
            modified: times.modified,
            changed: times.changed,
        })
    }

    pub(super) fn times(&self, id: NodeId) -> Times {
        let base = self.base_time;
        self.node(id).times.unwrap_or(Times {
            accessed: base,
            modified: base,
            changed: base,
        })
    }

    /// Returns the node of a handle that is open.
    pub(super) fn opened(&self, handle: Handle) -> Result<NodeId, FsError> {
        match self.nodes.get(handle.node.0) {
            Some(node) if node.opens > 0 => Ok(handle.node),
            _ => Err(FsError::BadDescriptor),
        }
    }

    /// Opens a node, within the quota.
    pub(super) fn open_node(&mut self, node: NodeId, writable: bool) -> Result<Handle, FsError> {
        let Some(left) = self.handles_left.checked_sub(1) else {
            return Err(self.allowance.refuse(LimitName::Handles));
        };
        self.handles_left = left;
        self.allowance.opened();
        self.nodes[node.0].opens += 1;
        Ok(Handle { node, writable })
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(super) fn add(&mut self, parent: NodeId, body: Body, touched: bool) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            parent: Some(parent),
            body,
            touched,
            guarded: false,
            opens: 0,
            times: None,
        });
        id
    }

    /// Notes that a node differs from the base, up to the root.
    pub(super) fn touch(&mut self, id: NodeId) {
        let now = (self.options.clock)();
        let accessed = self.times(id).accessed;
        self.nodes[id.0].times = Some(Times {
            accessed,
            modified: now,
            changed: now,
        });
        let mut next = Some(id);
        while let Some(id) = next {
            let node = &mut self.nodes[id.0];
            if node.touched {
                return;
            }
            node.touched = true;
            next = node.parent;
        }
    }

    /// Returns a directory's names, loaded at first.
    pub(super) fn entries(&mut self, id: NodeId) -> Result<&mut Entries, FsError> {
        let Self { nodes, repo, .. } = self;
        match &mut nodes[id.0].body {
            Body::Directory(directory) => {
                let loaded = match directory.entries.take() {
                    Some(entries) => entries,
                    None => match directory.base {
                        None => Entries::new(),
                        Some(tree) => repo
                            .tree(tree)?
                            .into_iter()
                            .map(|entry| (entry.name, Child::Base(entry.mode, entry.id)))
                            .collect(),
                    },
                };
                Ok(directory.entries.insert(loaded))
            }
            // A submodule is an empty directory in which nothing can be made.
            Body::Gitlink(..) => Err(FsError::NotPermitted),
            Body::File(..) | Body::Symlink(..) => Err(FsError::NotDirectory),
        }
    }

    /// Finds a name in a directory, and makes its node if need be.
    pub(super) fn child(&mut self, dir: NodeId, name: &str) -> Result<Option<NodeId>, FsError> {
        super::name::check_length(name)?;
        if matches!(self.node(dir).body, Body::Gitlink(..))
            || super::name::visible(name.as_bytes()).is_none()
        {
            return Ok(None);
        }
        match self.entries(dir)?.get(name.as_bytes()).copied() {
            None => Ok(None),
            Some(Child::Node(node)) => Ok(Some(node)),
            Some(Child::Base(mode, id)) => {
                let node = self.add(dir, Body::of(mode, id), false);
                self.nodes[node.0].guarded = self.node(dir).guarded || super::name::is_own(name);
                self.entries(dir)?
                    .insert(name.as_bytes().into(), Child::Node(node));
                Ok(Some(node))
            }
        }
    }

    /// Counts the directories above a node.
    pub(super) fn depth(&self, id: NodeId) -> usize {
        std::iter::successors(self.node(id).parent, |&id| self.node(id).parent).count()
    }

    /// Checks that something can be made in a directory: it may be written, it is still there, it is not too deep.
    pub(super) fn check_room(&self, dir: NodeId, below: usize) -> Result<(), FsError> {
        if self.options.read_only {
            return Err(FsError::ReadOnly);
        }
        if dir != ROOT && self.node(dir).parent.is_none() {
            return Err(FsError::NoEntry);
        }
        if matches!(self.node(dir).body, Body::Gitlink(..)) || self.node(dir).guarded {
            return Err(FsError::NotPermitted);
        }
        if self.depth(dir) + below >= DEEPEST {
            return Err(FsError::NameTooLong);
        }
        Ok(())
    }
}
