//! Adding records to the journal, one process at a time.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::SystemTime;

use super::JournalError;
use super::anchor::{Anchor, Standing};
use super::claim::Claim;
use super::files::{Files, open_to_read};
use super::line::{self, Head, Keys, LONGEST_LINE, Line};
use super::read::Lines;
use crate::model::{AuditRecord, Audited, Digest, Found, Mended, Origin, UserKey};

/// A segment that is as long as this is closed, in bytes: some 7,000 calls, and not much to look through for one of them.
const SEGMENT: u64 = 8 << 20;

/// A repository's journal, to be added to.
#[derive(Debug)]
pub struct Journal {
    files: Files,
    keys: Option<Keys>,
    segment: u64,
}

/// How the journal ends.
#[derive(Debug, Default)]
struct End {
    head: Option<Head>,
    /// The hash of the first record; none if there is none yet.
    first: Option<String>,
    /// The length and digest of a last line that has no end.
    torn: Option<(u64, Digest)>,
    found: Vec<Mended>,
}

impl Journal {
    /// Names the journal in a folder; without a key, its records say of themselves that nobody vouches for them.
    pub fn new(folder: &Path, key: Option<&UserKey>) -> Self {
        Self {
            files: Files::of(folder),
            keys: key.map(Keys::of),
            segment: SEGMENT,
        }
    }

    /// Closes segments at another length than the default, in bytes.
    #[must_use]
    pub const fn with_segments_of(mut self, segment: Option<u64>) -> Self {
        if let Some(segment) = segment {
            self.segment = segment;
        }
        self
    }

    /// Returns the anchor in the words of a commit's trailer: the journal, its last record, that one's hash, and what
    /// authenticates all that. None where there is no anchor of ours.
    pub fn anchor(&self) -> Option<String> {
        let keys = self.keys.as_ref()?;
        match Standing::read(&self.files, keys).ok()? {
            Standing::Sound(anchor) => Some(Claim::write(&anchor, keys)),
            Standing::Absent | Standing::Bad => None,
        }
    }

    /// Adds records, durably. All are added, or none.
    pub fn append(&self, records: &[AuditRecord]) -> Result<(), JournalError> {
        let _turn = self.files.lock()?;
        let mut journal = self.files.open()?;
        let failed = JournalError::file("write to", &self.files.journal);
        let mut length = journal.metadata().map_err(&failed)?.len();
        let End {
            mut head,
            mut first,
            torn,
            found,
        } = self.end(&journal, length)?;
        // What is not as it should be is put on record beside it, before it is closed.
        if let Some(last) = head.filter(|_| length >= self.segment)
            && torn.is_none()
            && found.is_empty()
            && self.files.close(last.seq)?
        {
            journal = self.files.open()?;
            length = 0;
        }
        let mut bytes = Vec::with_capacity(records.len() * 512);
        if torn.is_some() {
            // What was torn stays as evidence, on a line of its own.
            bytes.push(b'\n');
        }
        let found: Vec<_> = found.into_iter().map(mended).collect();
        for record in found.iter().chain(records) {
            let (line, next) = line::write(record, head, self.keys.as_ref())?;
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
            head = Some(next);
            first.get_or_insert_with(|| next.hash.to_string());
        }
        let anchored = journal
            .write_all(&bytes)
            .and_then(|()| journal.sync_data())
            .map_err(failed)
            .and_then(|()| match (&head, first, &self.keys) {
                (Some(head), Some(first), Some(keys)) => {
                    Anchor::new(head, length + bytes.len() as u64, first).write(&self.files, keys)
                }
                _ => Ok(()),
            });
        if let Err(error) = anchored {
            // A disk that is full took a part: taken back, because it will be tried again. If that fails too, the next
            // process finds a torn line, and says so.
            journal.set_len(length).unwrap_or_default();
            return Err(error);
        }
        Ok(())
    }

    /// Finds the record to go on from. Where the anchor is sound and the journal as long as it says, that is all there is
    /// to read; otherwise the last line is looked at, and what is wrong will be on record.
    fn end(&self, journal: &File, length: u64) -> Result<End, JournalError> {
        let standing = match &self.keys {
            Some(keys) => Some(Standing::read(&self.files, keys)?),
            None => None,
        };
        if let Some(Standing::Sound(anchor)) = &standing
            && anchor.length == length
            && let Some(head) = anchor.head()
        {
            return Ok(End {
                head: Some(head),
                first: Some(anchor.first.clone()),
                ..End::default()
            });
        }
        let mut end = last_line(journal, length)
            .map_err(JournalError::file("read the end of", &self.files.journal))?;
        if end.head.is_none() {
            end.head = self.end_of_closed()?;
        }
        end.first = match &standing {
            Some(Standing::Sound(anchor)) => Some(anchor.first.clone()),
            Some(Standing::Absent | Standing::Bad) | None => self.first()?,
        };
        let mut found = |found, records| {
            end.found.push(Mended {
                found,
                records,
                bytes: None,
                line: None,
            });
        };
        let seq = end.head.map_or(0, |head| head.seq);
        match standing {
            None => {}
            Some(Standing::Absent) if length == 0 && seq == 0 => {}
            Some(Standing::Absent) => found(Found::NoAnchor, None),
            Some(Standing::Bad) => found(Found::BadAnchor, None),
            Some(Standing::Sound(anchor)) => {
                if seq < anchor.seq {
                    found(Found::TailMissing, Some(anchor.seq - seq));
                } else if seq > anchor.seq {
                    found(Found::Unanchored, Some(seq - anchor.seq));
                } else if end.head.map(|head| head.hash.to_string()) != Some(anchor.hash)
                    // Nothing at all is what a writer leaves that was interrupted after it closed a segment.
                    || (end.torn.is_none() && length > 0)
                {
                    found(Found::Changed, None);
                }
            }
        }
        if let Some((bytes, line)) = end.torn {
            end.found.insert(
                0,
                Mended {
                    found: Found::TornLine,
                    records: None,
                    bytes: Some(bytes),
                    line: Some(line),
                },
            );
        }
        Ok(end)
    }

    /// Reads the last record of the newest segment that is closed; none if none is.
    fn end_of_closed(&self) -> Result<Option<Head>, JournalError> {
        let Some(path) = self.files.closed()?.pop() else {
            return Ok(None);
        };
        let segment = open_to_read(&path)?;
        let end = segment
            .metadata()
            .and_then(|metadata| last_line(&segment, metadata.len()));
        Ok(end
            .map_err(JournalError::file("read the end of", &path))?
            .head)
    }

    /// Reads the hash of the first record.
    fn first(&self) -> Result<Option<String>, JournalError> {
        let first = Lines::of(&self.files)?.next()?;
        Ok(first
            .filter(|line| line.whole)
            .map(|line| Digest::of(&line.bytes).to_string()))
    }
}

/// Reads the last whole line, and what follows it.
fn last_line(journal: &File, length: u64) -> std::io::Result<End> {
    // Two lines are enough: the last whole one, and one that is torn.
    let most = 2 * (LONGEST_LINE as u64 + 1);
    let from = length.saturating_sub(most);
    let mut tail = vec![0; usize::try_from(length - from).unwrap_or_default()];
    journal.read_exact_at(&mut tail, from)?;
    let whole = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let (lines, torn) = tail.split_at(whole);
    let last = lines
        .strip_suffix(b"\n")
        .and_then(|lines| lines.rsplit(|byte| *byte == b'\n').next());
    Ok(End {
        head: last.map(|line| Head {
            // A line that is no record has no number: the next begins anew, and `audit verify` shows the break.
            seq: Line::parse(line).map_or(0, |line| line.seq),
            hash: Digest::of(line),
        }),
        torn: (!torn.is_empty()).then(|| (torn.len() as u64, Digest::of(torn))),
        found: Vec::new(),
        first: None,
    })
}

fn mended(mended: Mended) -> AuditRecord {
    AuditRecord::now(Origin::default(), Audited::Mended(mended))
}

impl AuditRecord {
    /// Notes what happened now.
    pub fn now(origin: Origin, what: Audited) -> Self {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            time: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            origin,
            what,
        }
    }
}
