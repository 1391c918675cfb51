//! The anchor beside the journal: its last record, so that a tail which was cut off is noticed.

use serde::{Deserialize, Serialize};

use super::JournalError;
use super::files::Files;
use super::line::{Head, Keys};
use crate::model::{Digest, Mac};

/// What the anchor's file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Written {
    seq: u64,
    hash: String,
    length: u64,
    first: String,
    key: String,
    mac: String,
}

/// The journal's last record, and how long the journal is with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) seq: u64,
    /// As text: it is compared, and never taken apart.
    pub(super) hash: String,
    /// In bytes.
    pub(super) length: u64,
    /// The hash of the first record, which names the journal.
    pub(super) first: String,
}

/// What stands in the anchor's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing.
    Absent,
    /// What somebody with the key wrote.
    Sound(Anchor),
    /// What was written with another key, or is damaged.
    Bad,
}

impl Anchor {
    pub(super) fn new(head: &Head, length: u64, first: String) -> Self {
        Self {
            first,
            seq: head.seq,
            hash: head.hash.to_string(),
            length,
        }
    }

    /// Returns the record that it names; none where it names no hash of ours.
    pub(super) fn head(&self) -> Option<Head> {
        Some(Head {
            seq: self.seq,
            hash: self.hash.parse::<Digest>().ok()?,
        })
    }

    fn mac(&self, keys: &Keys) -> Mac {
        keys.anchors.mac(&[
            &self.seq.to_le_bytes(),
            self.hash.as_bytes(),
            &self.length.to_le_bytes(),
            self.first.as_bytes(),
        ])
    }

    pub(super) fn write(&self, files: &Files, keys: &Keys) -> Result<(), JournalError> {
        let written = Written {
            seq: self.seq,
            hash: self.hash.clone(),
            length: self.length,
            first: self.first.clone(),
            key: keys.id.clone(),
            mac: self.mac(keys).to_string(),
        };
        let mut bytes =
            serde_json::to_vec(&written).map_err(|source| JournalError::Record { source })?;
        bytes.push(b'\n');
        files.write_anchor(&bytes)
    }
}

impl Standing {
    pub(super) fn read(files: &Files, keys: &Keys) -> Result<Self, JournalError> {
        let Some(bytes) = files.read_anchor()? else {
            return Ok(Self::Absent);
        };
        let Ok(written) = serde_json::from_slice::<Written>(&bytes) else {
            return Ok(Self::Bad);
        };
        let anchor = Anchor {
            seq: written.seq,
            hash: written.hash,
            length: written.length,
            first: written.first,
        };
        Ok(if Mac::from_hex(&written.mac) == Some(anchor.mac(keys)) {
            Self::Sound(anchor)
        } else {
            Self::Bad
        })
    }
}
