//! Reading the journal line by line, in bounded memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::JournalError;
use super::files::{Files, open_to_read};
use super::line::{LONGEST_LINE, Line};
use super::verdict::Place;

/// The bytes of a line, without its end.
#[derive(Debug, Clone)]
pub(super) struct RawLine {
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
    /// Whether it has its end.
    pub(super) whole: bool,
}

/// The lines of a journal, through all of its segments.
pub(super) struct Lines {
    next: std::vec::IntoIter<PathBuf>,
    segment: Option<Segment>,
}

struct Segment {
    path: PathBuf,
    /// Its name, for people.
    name: String,
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    pub(super) fn of(files: &Files) -> Result<Self, JournalError> {
        Ok(Self {
            next: files.segments()?.into_iter(),
            segment: None,
        })
    }

    /// Reads the next line; one that is longer than any record is cut, and read to its end.
    pub(super) fn next(&mut self) -> Result<Option<RawLine>, JournalError> {
        loop {
            let segment = match &mut self.segment {
                Some(segment) => segment,
                none => match self.next.next() {
                    None => return Ok(None),
                    Some(path) => none.insert(Segment::open(path)?),
                },
            };
            if let Some(line) = segment.next()? {
                return Ok(Some(line));
            }
            self.segment = None;
        }
    }
}

impl Segment {
    fn open(path: PathBuf) -> Result<Self, JournalError> {
        let name = path.file_name().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            reader: BufReader::new(open_to_read(&path)?),
            path,
            number: 0,
        })
    }

    fn next(&mut self) -> Result<Option<RawLine>, JournalError> {
        let failed = JournalError::file("read", &self.path);
        let mut bytes = Vec::new();
        let most = LONGEST_LINE as u64 + 2;
        (&mut self.reader)
            .take(most)
            .read_until(b'\n', &mut bytes)
            .map_err(&failed)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let mut whole = bytes.pop_if(|last| *last == b'\n').is_some();
        if !whole && bytes.len() as u64 == most {
            whole = self.reader.skip_until(b'\n').map_err(&failed)? > 0;
        }
        Ok(Some(RawLine {
            place: Place {
                file: self.name.clone(),
                line: self.number,
            },
            bytes,
            whole,
        }))
    }
}

/// Reads the records that a choice takes, at most the last `most`; lines that are no records are passed over.
pub fn read(
    folder: &Path,
    most: usize,
    choice: impl Fn(&Value) -> bool,
) -> Result<Vec<Value>, JournalError> {
    let files = Files::of(folder);
    let _turn = files.lock_shared();
    let mut lines = Lines::of(&files)?;
    let mut chosen = VecDeque::new();
    while let Some(line) = lines.next()? {
        if let Some(line) = Line::parse(&line.bytes)
            && choice(&line.value)
        {
            if chosen.len() == most {
                chosen.pop_front();
            }
            if most > 0 {
                chosen.push_back(line.value);
            }
        }
    }
    Ok(chosen.into())
}
