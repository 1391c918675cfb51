//! Object ids, and reading objects.

use std::fmt;
use std::sync::Arc;

use git2::{ObjectType, Oid};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tree::{self, Entry};
use super::{GitError, Repo};
use crate::model::CommitId;

/// The id of any object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(super) Oid);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Oid::from_str(&text).map(Self).map_err(D::Error::custom)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Declares an object id of one kind.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ObjectId);

        impl $name {
            /// Takes an id at its word; a wrong kind shows when the object is read.
            pub fn new(id: ObjectId) -> Self {
                Self(id)
            }

            /// Returns the id without its kind.
            pub fn object(self) -> ObjectId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// The id of a tree.
    TreeId
);
id!(
    /// The id of a blob.
    BlobId
);

impl TreeId {
    /// Returns the tree that has no entry.
    pub fn empty() -> Self {
        // The SHA-1 of `tree 0\0`, which git knows without it being stored.
        const EMPTY: [u8; 20] = [
            0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6,
            0x92, 0x88, 0xfb, 0xee, 0x49, 0x04,
        ];
        Self(ObjectId::from_bytes(EMPTY))
    }
}

impl ObjectId {
    /// Makes an id of its 20 bytes.
    pub(super) fn from_bytes(bytes: [u8; 20]) -> Self {
        // Any 20 bytes are an id.
        Self(Oid::from_bytes(&bytes).unwrap_or(Oid::ZERO_SHA1))
    }

    /// Returns its 20 bytes.
    pub(super) fn bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        for (byte, own) in bytes.iter_mut().zip(self.0.as_bytes()) {
            *byte = *own;
        }
        bytes
    }

    /// Takes the id for that of a commit.
    pub fn to_commit(self) -> CommitId {
        match self.0.to_string().parse() {
            Ok(id) => id,
            Err(_) => unreachable!("an object id is 40 hexadecimal digits"),
        }
    }
}

/// Returns a commit's id as libgit2 has it.
pub(super) fn oid(commit: &CommitId) -> Oid {
    Oid::from_str(commit.as_str()).unwrap_or(Oid::ZERO_SHA1)
}

impl Repo {
    fn read_object(&self, id: ObjectId, kind: ObjectType) -> Result<Vec<u8>, GitError> {
        self.with(|git| {
            let object = git
                .odb()
                .and_then(|odb| {
                    odb.read(id.0)
                        .map(|object| (object.kind(), object.data().to_vec()))
                })
                .map_err(|error| unreadable(id, kind, error.message()))?;
            if object.0 == kind {
                Ok(object.1)
            } else {
                Err(unreadable(id, kind, &format!("it is a {}", object.0)))
            }
        })
    }

    /// Reads a tree's entries, in git's order.
    pub fn tree(&self, id: TreeId) -> Result<Vec<Entry>, GitError> {
        if id == TreeId::empty() {
            return Ok(Vec::new());
        }
        tree::parse(&self.read_object(id.object(), ObjectType::Tree)?)
            .ok_or_else(|| GitError::BadTree { id: id.to_string() })
    }

    /// Reads a whole blob.
    pub fn blob(&self, id: BlobId) -> Result<Arc<Vec<u8>>, GitError> {
        self.read_object(id.object(), ObjectType::Blob)
            .map(Arc::new)
    }

    /// Reads a blob's size from its header.
    pub fn blob_size(&self, id: BlobId) -> Result<u64, GitError> {
        self.with(|git| {
            git.odb()
                .and_then(|odb| odb.read_header(id.object().0))
                .map(|(size, _)| size as u64)
                .map_err(|error| unreadable(id.object(), ObjectType::Blob, error.message()))
        })
    }
}

fn unreadable(id: ObjectId, kind: ObjectType, reason: &str) -> GitError {
    GitError::Object {
        id: id.to_string(),
        kind: kind.str(),
        reason: reason.to_owned(),
    }
}
