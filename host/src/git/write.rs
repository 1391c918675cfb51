//! Writing objects: on the disk before anything points at them.
#![expect(clippy::disallowed_methods, reason = "`git` writes git's own files")]

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::objects::{BlobId, ObjectId, TreeId};
use super::repo::Purpose;
use super::tree::{self, Entry};
use super::{GitError, Repo};

/// From how many objects on a batch becomes one pack: each loose object costs two syncs and a pack costs four in all (measured:
/// 5 loose objects 3 ms, 17 loose 14 ms, 36 in a pack 5 ms), but each pack makes look-ups slower until git's own
/// housekeeping joins them.
const PACK_FROM: usize = 12;

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
    fn library(self) -> ObjectType {
        match self {
            Self::Blob => ObjectType::Blob,
            Self::Tree => ObjectType::Tree,
            Self::Commit => ObjectType::Commit,
            Self::Tag => ObjectType::Tag,
        }
    }
}

/// Objects that are named but not stored yet.
#[derive(Debug, Default)]
pub struct Batch {
    objects: HashMap<ObjectId, (ObjectKind, Arc<Vec<u8>>)>,
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
        if known != Some(id) && self.objects.insert(id, (kind, bytes)).is_none() {
            self.order.push(id);
        }
        Ok(id)
    }

    /// Reads a tree of the batch, or else of the repository.
    pub fn read_tree(&self, repo: &Repo, id: TreeId) -> Result<Vec<Entry>, GitError> {
        match self.objects.get(&id.object()) {
            Some((ObjectKind::Tree, bytes)) => {
                tree::parse(bytes).ok_or_else(|| GitError::BadTree { id: id.to_string() })
            }
            _ => repo.tree(id),
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
    /// Stores a batch; when it returns, the objects are on the disk.
    pub fn store(&self, batch: &Batch) -> Result<(), GitError> {
        if batch.is_empty() {
            return Ok(());
        }
        if batch.len() < PACK_FROM {
            self.with(Purpose::Write, |git| {
                let failed = |error: git2::Error| self.library("write objects", &error);
                let odb = git.odb().map_err(failed)?;
                for id in &batch.order {
                    if let Some((kind, bytes)) = batch.objects.get(id) {
                        odb.write(kind.library(), bytes).map_err(failed)?;
                    }
                }
                Ok(())
            })?;
            // libgit2 syncs the object and its directory, not the entry of that directory when it is new.
            return self.sync_dir("objects");
        }
        // A handle of its own: the memory backend would catch every later write through a shared one.
        let git = self.open(Purpose::Write)?;
        let failed = |error: git2::Error| self.library("write a pack", &error);
        let odb = git.odb().map_err(failed)?;
        let _memory = odb.add_new_mempack_backend(1000).map_err(failed)?;
        let mut pack = git.packbuilder().map_err(failed)?;
        pack.set_threads(1);
        for id in &batch.order {
            if let Some((kind, bytes)) = batch.objects.get(id) {
                odb.write(kind.library(), bytes).map_err(failed)?;
                pack.insert_object(id.0, None).map_err(failed)?;
            }
        }
        let dir = self.common_dir().join("objects").join("pack");
        std::fs::create_dir_all(&dir).map_err(|error| GitError::file("make", &dir, error))?;
        // Syncs the pack, its index and the directory, because the handle's settings say so.
        pack.write(&dir, 0o444).map_err(failed)
    }

    pub(super) fn sync_dir(&self, name: &str) -> Result<(), GitError> {
        let dir = self.common_dir().join(name);
        if cfg!(unix) {
            File::open(&dir)
                .and_then(|dir| dir.sync_all())
                .map_err(|error| GitError::file("sync", &dir, error))?;
        }
        Ok(())
    }
}
