//! What a commit says of the journal: a second anchor, which leaves the machine with the commits.

use super::anchor::Anchor;
use crate::model::Digest;

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

    /// Writes what an anchor says.
    pub(super) fn of(anchor: &Anchor) -> String {
        let journal = anchor.first.strip_prefix("sha256:").unwrap_or_default();
        let journal: String = journal.chars().take(NAME).collect();
        format!("{journal} {} {}", anchor.seq, anchor.hash)
    }

    /// Reads it from a trailer's value; none if it says something else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let claim = Self {
            journal: words.next()?.to_owned(),
            seq: words.next()?.parse().ok()?,
            hash: words.next()?.to_owned(),
        };
        words.next().is_none().then_some(claim)
    }

    /// Tells whether it is of the journal with a first record.
    pub fn is_of(&self, first: &Digest) -> bool {
        first.hex().get(..NAME) == Some(&self.journal)
    }
}
