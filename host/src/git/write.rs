//! Writing objects: on the disk before anything points at them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::objects::{BlobId, ObjectId, TreeId};
use super::pack::write_pack;
use super::spill::Spilled;
use super::tree::{self, Entry};
use super::{GitError, Repo};

/// What kind of object a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A file's or a link's content.
    Blob,
    /// A directory.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// Returns the kind of a stored object.
    pub(super) fn of(kind: ObjectType) -> Option<Self> {
        match kind {
            ObjectType::Blob => Some(Self::Blob),
            ObjectType::Tree => Some(Self::Tree),
            ObjectType::Commit => Some(Self::Commit),
            ObjectType::Tag => Some(Self::Tag),
            ObjectType::Any => None,
        }
    }

    /// Returns the number that a pack knows it by.
    pub(super) const fn in_a_pack(self) -> u8 {
        match self {
            Self::Commit => 1,
            Self::Tree => 2,
            Self::Blob => 3,
            Self::Tag => 4,
        }
    }

    fn library(self) -> ObjectType {
        match self {
            Self::Blob => ObjectType::Blob,
            Self::Tree => ObjectType::Tree,
            Self::Commit => ObjectType::Commit,
            Self::Tag => ObjectType::Tag,
        }
    }
}

/// Where an object's bytes are until they are stored.
#[derive(Debug, Clone)]
enum Bytes {
    Memory(Arc<Vec<u8>>),
    /// A blob that is too large for memory.
    Disk(Arc<Spilled>),
}

/// Objects that are named but not stored yet.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    objects: HashMap<ObjectId, (ObjectKind, Bytes)>,
    // Contents before what names them.
    order: Vec<ObjectId>,
}

impl Batch {
    /// Adds a blob.
    pub fn blob(&mut self, bytes: Arc<Vec<u8>>) -> Result<BlobId, GitError> {
        self.add(ObjectKind::Blob, bytes).map(BlobId::new)
    }

    /// Adds a tree; its entries may stand in any order.
    pub fn tree(&mut self, mut entries: Vec<Entry>) -> Result<TreeId, GitError> {
        self.add(ObjectKind::Tree, Arc::new(tree::serialise(&mut entries)))
            .map(TreeId::new)
    }

    /// Adds a blob unless it is the known one.
    pub fn blob_unless(
        &mut self,
        bytes: Arc<Vec<u8>>,
        known: Option<BlobId>,
    ) -> Result<BlobId, GitError> {
        self.add_unless(ObjectKind::Blob, bytes, known.map(BlobId::object))
            .map(BlobId::new)
    }

    /// Adds a blob that is too large for memory, unless it is the known one.
    pub fn spilled_unless(
        &mut self,
        bytes: Arc<Spilled>,
        known: Option<BlobId>,
    ) -> Result<BlobId, GitError> {
        let id = bytes.id().map_err(|error| GitError::Object {
            id: "(new)".to_owned(),
            kind: "blob",
            reason: error.to_string(),
        })?;
        if known != Some(id) {
            self.put(id.object(), ObjectKind::Blob, Bytes::Disk(bytes));
        }
        Ok(id)
    }

    /// Adds a tree unless it is the known one.
    pub fn tree_unless(
        &mut self,
        mut entries: Vec<Entry>,
        known: Option<TreeId>,
    ) -> Result<TreeId, GitError> {
        let bytes = Arc::new(tree::serialise(&mut entries));
        self.add_unless(ObjectKind::Tree, bytes, known.map(TreeId::object))
            .map(TreeId::new)
    }

    pub(super) fn add(
        &mut self,
        kind: ObjectKind,
        bytes: Arc<Vec<u8>>,
    ) -> Result<ObjectId, GitError> {
        self.add_unless(kind, bytes, None)
    }

    fn add_unless(
        &mut self,
        kind: ObjectKind,
        bytes: Arc<Vec<u8>>,
        known: Option<ObjectId>,
    ) -> Result<ObjectId, GitError> {
        let id = Oid::hash_object(kind.library(), &bytes).map_err(|error| GitError::Object {
            id: "(new)".to_owned(),
            kind: kind.library().str(),
            reason: error.message().to_owned(),
        })?;
        let id = ObjectId(id);
        if known != Some(id) {
            self.put(id, kind, Bytes::Memory(bytes));
        }
        Ok(id)
    }

    fn put(&mut self, id: ObjectId, kind: ObjectKind, bytes: Bytes) {
        if self.objects.insert(id, (kind, bytes)).is_none() {
            self.order.push(id);
        }
    }

    /// Returns the objects that are in memory, in order.
    fn in_memory(&self) -> impl Iterator<Item = (ObjectId, ObjectKind, &[u8])> {
        self.order
            .iter()
            .filter_map(|id| match self.objects.get(id) {
                Some((kind, Bytes::Memory(bytes))) => Some((*id, *kind, bytes.as_slice())),
                Some((_, Bytes::Disk(_))) | None => None,
            })
    }

    /// Returns the blobs that are not.
    fn on_disk(&self) -> impl Iterator<Item = (ObjectId, &Spilled)> {
        self.order
            .iter()
            .filter_map(|id| match self.objects.get(id) {
                Some((_, Bytes::Disk(bytes))) => Some((*id, bytes.as_ref())),
                Some((_, Bytes::Memory(_))) | None => None,
            })
    }

    /// Reads a tree of the batch, or else of the repository.
    pub fn read_tree(&self, repo: &Repo, id: TreeId) -> Result<Vec<Entry>, GitError> {
        match self.objects.get(&id.object()) {
            Some((ObjectKind::Tree, Bytes::Memory(bytes))) => {
                tree::parse(bytes).ok_or_else(|| GitError::BadTree { id: id.to_string() })
            }
            _ => repo.tree(id),
        }
    }

    /// Adds all of another one.
    pub fn join(&mut self, other: Self) {
        let Self { mut objects, order } = other;
        for id in order {
            if let Some((kind, bytes)) = objects.remove(&id) {
                self.put(id, kind, bytes);
            }
        }
    }

    /// Returns how many objects it holds.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Tells whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

impl Repo {
    /// Stores a batch; when it returns, the objects are on the disk, and no housekeeping takes them before a ref points at them.
    pub fn store(&self, batch: &Batch) -> Result<(), GitError> {
        let unsynced: Vec<PathBuf> = self.place(batch)?.into_iter().collect();
        self.sync(&unsynced)
    }

    /// Stores a batch but for the last wait: the folder that is returned lists the objects, and is not on the disk yet.
    pub(super) fn place(&self, batch: &Batch) -> Result<Option<PathBuf>, GitError> {
        let mut unsynced = None;
        // Large blobs have packs of their own: the other one is made in memory.
        for (id, bytes) in batch.on_disk() {
            let folder = self.incoming()?;
            bytes.pack(&folder).map_err(|reason| GitError::Object {
                id: id.to_string(),
                kind: "blob",
                reason,
            })?;
            unsynced = Some(self.admit(&folder)?);
        }
        if batch.in_memory().next().is_none() {
            return Ok(unsynced);
        }
        let folder = self.incoming()?;
        write_pack(batch.in_memory(), &folder)?;
        self.admit(&folder).map(Some)
    }
}
