//! What a commit says of the journal: a second anchor, which leaves the machine with the commits.
//!
//! Anybody can write a commit, so it counts only where it was said with the person's key. One that is copied into another
//! commit says the same, and that is as true there.

use super::anchor::Anchor;
use super::line::Keys;
use crate::model::{Digest, Mac, UserKey};

/// The digits of the first record's hash that name a journal.
const NAME: usize = 16;

/// A commit's word that a journal had a record when the commit was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which journal.
    pub journal: String,
    /// The record's number.
    pub seq: u64,
    /// The hash of its line, as text.
    pub hash: String,
}

impl Claim {
    /// The key of the trailer.
    pub const TRAILER: &str = "Paracle-Audit";

    fn of(anchor: &Anchor) -> Self {
        let journal = anchor.first.strip_prefix("sha256:").unwrap_or_default();
        Self {
            journal: journal.chars().take(NAME).collect(),
            seq: anchor.seq,
            hash: anchor.hash.clone(),
        }
    }

    /// Writes what an anchor says, with the key.
    pub(super) fn write(anchor: &Anchor, keys: &Keys) -> String {
        let claim = Self::of(anchor);
        let mac = claim.mac(keys);
        format!("{} {} {} {mac}", claim.journal, claim.seq, claim.hash)
    }

    /// Reads it from a trailer's value; none if it was not said with this key.
    pub fn read(text: &str, key: &UserKey) -> Option<Self> {
        let mut words = text.split(' ');
        let claim = Self {
            journal: words.next()?.to_owned(),
            seq: words.next()?.parse().ok()?,
            hash: words.next()?.to_owned(),
        };
        let mac = Mac::from_hex(words.next()?)?;
        let is_ours = words.next().is_none() && mac == claim.mac(&Keys::of(key));
        is_ours.then_some(claim)
    }

    /// Tells whether it is of the journal with a first record.
    pub fn is_of(&self, first: &Digest) -> bool {
        first.hex().get(..NAME) == Some(&self.journal)
    }

    fn mac(&self, keys: &Keys) -> Mac {
        keys.claims.mac(&[
            self.journal.as_bytes(),
            &self.seq.to_le_bytes(),
            self.hash.as_bytes(),
        ])
    }
}
