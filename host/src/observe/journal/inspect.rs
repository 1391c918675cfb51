//! Verifying the journal: each record by its own bytes, by the one before, by the one after, and the last by the anchor.
//! The first of a segment is no exception: the one before is the last of the segment before.

use std::path::Path;

use super::JournalError;
use super::anchor::{Anchor, Standing};
use super::files::{Files, JOURNAL};
use super::line::{Author, Head, Keys, LONGEST_LINE, Line, author};
use super::read::{Lines, RawLine};
use super::verdict::{Fault, Note, Place, Verdict, Wrong};
use crate::model::{Digest, UserKey};

/// Verifies the journal in a folder, and tells each record to `look` as long as nothing is wrong.
pub fn verify(
    folder: &Path,
    key: Option<&UserKey>,
    mut look: impl FnMut(&Place, &Head, &serde_json::Value) -> Option<Wrong>,
) -> Result<Verdict, JournalError> {
    let files = Files::of(folder);
    let _turn = files.lock_shared();
    let keys = key.map(Keys::of);
    let standing = match &keys {
        Some(keys) => Standing::read(&files, keys)?,
        None => Standing::Absent,
    };
    let mut inspection = Inspection {
        keys: keys.as_ref(),
        anchor: match &standing {
            Standing::Sound(anchor) => Some(anchor),
            Standing::Absent | Standing::Bad => None,
        },
        verdict: Verdict {
            records: 0,
            end: Place {
                file: JOURNAL.to_owned(),
                line: 1,
            },
            head: None,
            notes: Vec::new(),
            wrong: None,
        },
        torn: false,
    };
    let mut lines = match Lines::of(&files) {
        Ok(lines) => lines,
        Err(JournalError::None { .. }) if standing != Standing::Absent => {
            inspection.wrong(
                Fault::TailMissing,
                "there is an anchor, and the journal is gone".to_owned(),
            );
            return Ok(inspection.verdict);
        }
        Err(error) => return Err(error),
    };
    let mut current = lines.next()?;
    while let Some(line) = current {
        let next = lines.next()?;
        let wrong = match inspection.line(&line, next.as_ref()) {
            Ok(Some((head, record))) => look(&line.place, &head, &record.value),
            Ok(None) => None,
            Err(wrong) => Some(match wrong.fault {
                // What is missing here may be further down.
                Fault::Cut if appears(&mut lines, next.as_ref(), &inspection)? => Wrong {
                    fault: Fault::Reordered,
                    message: format!("record {} comes later", inspection.expected()),
                    ..wrong
                },
                _ => wrong,
            }),
        };
        if let Some(wrong) = wrong {
            inspection.verdict.wrong = Some(wrong);
            return Ok(inspection.verdict);
        }
        current = next;
    }
    inspection.end(&standing, files.length());
    Ok(inspection.verdict)
}

/// Tells whether the record that should stand here stands further down.
fn appears(
    lines: &mut Lines,
    next: Option<&RawLine>,
    inspection: &Inspection<'_>,
) -> Result<bool, JournalError> {
    let expected = inspection.expected();
    let is_it = |line: &RawLine| Line::parse(&line.bytes).is_some_and(|line| line.seq == expected);
    if next.is_some_and(is_it) {
        return Ok(true);
    }
    while let Some(line) = lines.next()? {
        if is_it(&line) {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Inspection<'a> {
    keys: Option<&'a Keys>,
    anchor: Option<&'a Anchor>,
    verdict: Verdict,
    /// Whether the line before was torn, and is accounted for.
    torn: bool,
}

impl Inspection<'_> {
    fn expected(&self) -> u64 {
        self.verdict
            .head
            .map_or(1, |head| head.seq.saturating_add(1))
    }

    /// Says that something is wrong where the journal ends.
    fn wrong(&mut self, fault: Fault, message: String) {
        self.verdict.wrong = Some(Wrong {
            place: self.verdict.end.clone(),
            fault,
            message,
        });
    }

    /// Judges a line by itself and its neighbours. None is a line that was torn, and is accounted for.
    fn line(
        &mut self,
        line: &RawLine,
        next: Option<&RawLine>,
    ) -> Result<Option<(Head, Line)>, Wrong> {
        let wrong = |fault, message: String| Wrong {
            place: line.place.clone(),
            fault,
            message,
        };
        self.verdict.end = Place {
            line: line.place.line + 1,
            ..line.place.clone()
        };
        let hash = Digest::of(&line.bytes);
        let after = next.and_then(|next| Line::parse(&next.bytes));
        if let Some(after) = &after
            && after.text("found") == Some("torn-line")
            && after.text("line") == Some(&hash.to_string())
        {
            self.torn = true;
            return Ok(None);
        }
        if !line.whole && next.is_some() {
            return Err(wrong(
                Fault::Edited,
                "it breaks off, and the journal goes on in another segment".to_owned(),
            ));
        }
        if !line.whole {
            let bytes = line.bytes.len();
            return Err(wrong(
                Fault::Torn,
                format!(
                    "the last line breaks off after {bytes} bytes: whoever wrote it was interrupted; the next record says so and goes on"
                ),
            ));
        }
        let Some(record) = Some(&line.bytes)
            .filter(|bytes| bytes.len() <= LONGEST_LINE)
            .and_then(|bytes| Line::parse(bytes))
        else {
            return Err(wrong(Fault::Edited, "it is no record".to_owned()));
        };
        self.by_author(&line.bytes, &record)
            .map_err(|(fault, message)| wrong(fault, message))?;
        self.by_place(&record, after.as_ref(), &hash)
            .map_err(|(fault, message)| wrong(fault, message))?;
        self.by_anchor(&line.place, &record, &hash)?;
        self.verdict.records += 1;
        let head = Head {
            seq: record.seq,
            hash,
        };
        self.verdict.head = Some(head);
        self.by_content(&line.place, &record)?;
        self.torn = false;
        Ok(Some((head, record)))
    }

    /// With the key, a record vouches for itself.
    fn by_author(&self, bytes: &[u8], record: &Line) -> Result<(), (Fault, String)> {
        let Some(keys) = self.keys else {
            return Ok(());
        };
        let seq = record.seq;
        match author(bytes, keys) {
            Author::Us => Ok(()),
            Author::Nobody => Err((
                Fault::Edited,
                format!("record {seq} is not as it was written"),
            )),
            Author::Other(id) => Err((
                Fault::Unverified,
                format!(
                    "record {seq} was written with another key than yours, {id}: only who has that one can verify it"
                ),
            )),
            Author::Unsigned => Err((
                Fault::Unverified,
                format!("record {seq} was written without a key, so that nobody vouches for it"),
            )),
        }
    }

    fn by_place(
        &self,
        record: &Line,
        after: Option<&Line>,
        hash: &Digest,
    ) -> Result<(), (Fault, String)> {
        let expected = self.expected();
        let seq = record.seq;
        let before = self.verdict.head.map(|head| head.hash.to_string());
        if seq == expected && record.prev == before {
            return Ok(());
        }
        // Who comes after says what this line was.
        let confirmed = match after {
            Some(after) => after.prev.as_deref() == Some(hash.to_string().as_str()),
            None => self
                .anchor
                .is_some_and(|anchor| anchor.hash == hash.to_string()),
        };
        if !confirmed
            && after.is_none_or(|after| after.seq == expected.saturating_add(1))
            && seq >= expected
        {
            return Err((
                Fault::Edited,
                format!("record {seq} is not as it was written"),
            ));
        }
        if seq == expected {
            let edited = expected.saturating_sub(1);
            return Err((
                Fault::Edited,
                format!(
                    "record {edited}, the one before, is not as it was when record {seq} was chained to it"
                ),
            ));
        }
        if seq > expected {
            let last = seq - 1;
            let missing = if last == expected {
                format!("record {expected} is")
            } else {
                format!("records {expected} to {last} are")
            };
            return Err((Fault::Cut, format!("{missing} missing before record {seq}")));
        }
        Err((
            Fault::Reordered,
            format!("record {seq} stands where record {expected} belongs"),
        ))
    }

    fn by_anchor(&self, place: &Place, record: &Line, hash: &Digest) -> Result<(), Wrong> {
        let Some(anchor) = self.anchor.filter(|anchor| anchor.seq == record.seq) else {
            return Ok(());
        };
        if anchor.hash == hash.to_string() {
            return Ok(());
        }
        Err(Wrong {
            place: place.clone(),
            fault: Fault::Edited,
            message: format!(
                "record {} is not the one that the anchor names: it, or one before it, was changed and the chain made anew",
                record.seq
            ),
        })
    }

    /// What an appending process found at the end is told again, and counts if it was no crash.
    fn by_content(&mut self, place: &Place, record: &Line) -> Result<(), Wrong> {
        let seq = record.seq;
        if record.text("kind") == Some("lost") {
            let message = format!("record {seq}: records were lost, because the disk took none");
            self.verdict.notes.push(Note {
                place: Some(place.clone()),
                message,
            });
        }
        if record.text("kind") != Some("mended") {
            return Ok(());
        }
        let count = record
            .value
            .get("records")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0);
        let wrong = |fault, message| {
            Err(Wrong {
                place: place.clone(),
                fault,
                message,
            })
        };
        match record.text("found") {
            Some("torn-line") if !self.torn => wrong(
                Fault::Edited,
                format!("the torn line before record {seq}, which that record tells of, is gone"),
            ),
            Some("torn-line") => {
                let message = format!(
                    "record {seq}: the line before breaks off, because its writer was interrupted"
                );
                self.verdict.notes.push(Note {
                    place: Some(place.clone()),
                    message,
                });
                Ok(())
            }
            Some("unanchored") => {
                let message = format!(
                    "record {seq}: the writer of the {count} records before was interrupted before it could anchor them"
                );
                self.verdict.notes.push(Note {
                    place: Some(place.clone()),
                    message,
                });
                Ok(())
            }
            Some("tail-missing") => wrong(
                Fault::TailMissing,
                format!(
                    "when record {seq} was written, the last {count} records before it were missing"
                ),
            ),
            Some("no-anchor" | "bad-anchor") => wrong(
                Fault::Anchor,
                format!(
                    "when record {seq} was written, the anchor was missing, or made with another key: records before it may be missing"
                ),
            ),
            _ => wrong(
                Fault::Edited,
                format!(
                    "when record {seq} was written, the journal did not end as its anchor said"
                ),
            ),
        }
    }

    /// Judges the end.
    fn end(&mut self, standing: &Standing, length: u64) {
        let records = self.verdict.records;
        let last = self.verdict.head.map_or(0, |head| head.seq);
        if self.keys.is_none() {
            return self.wrong(Fault::Unverified, "there is no key to verify with: the chain holds, and nothing says who wrote it or whether it ends here".to_owned());
        }
        match standing {
            Standing::Absent if records == 0 => {}
            Standing::Absent => self.wrong(Fault::Anchor, format!(
                "there is no anchor, so that nothing says whether the journal ends with record {last}"
            )),
            Standing::Bad => self.wrong(Fault::Anchor, format!(
                "the anchor was not made with your key, so that nothing says whether the journal ends with record {last}"
            )),
            Standing::Sound(anchor) if anchor.seq > last => {
                let missing = anchor.seq - last;
                self.wrong(Fault::TailMissing, format!(
                    "the journal ends with record {last}, and the anchor names record {}: the last {missing} are missing",
                    anchor.seq
                ));
            }
            Standing::Sound(anchor) if anchor.seq < last => {
                let message = format!(
                    "the last {} records are not anchored: their writer was interrupted, or more records were cut off behind them \
                     and an older anchor put back", last - anchor.seq
                );
                let place = Some(self.verdict.end.clone());
                self.verdict.notes.push(Note { place, message });
            }
            // Nothing at all is what a writer leaves that was interrupted after it closed a segment.
            Standing::Sound(anchor) if anchor.length != length && length > 0 => {
                self.wrong(Fault::Edited, format!(
                    "the anchor was written when {JOURNAL} had {} bytes, and it has {length}: something was cut out of it, or put in",
                    anchor.length
                ));
            }
            Standing::Sound(_) => {}
        }
    }
}
