//! Reading the journal line by line, in bounded memory.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use serde_json::Value;

use super::JournalError;
use super::files::Files;
use super::line::{LONGEST_LINE, Line};

/// The bytes of a line, without its end.
#[derive(Debug, Clone)]
pub(super) struct RawLine {
    /// From 1.
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    /// Whether it has its end.
    pub(super) whole: bool,
}

/// The lines of a journal.
pub(super) struct Lines {
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    pub(super) fn of(file: File) -> Self {
        Self {
            reader: BufReader::new(file),
            number: 0,
        }
    }

    /// Reads the next line; one that is longer than any record is cut, and read to its end.
    pub(super) fn next(&mut self) -> io::Result<Option<RawLine>> {
        let mut bytes = Vec::new();
        let most = LONGEST_LINE as u64 + 2;
        (&mut self.reader)
            .take(most)
            .read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let mut whole = bytes.pop_if(|last| *last == b'\n').is_some();
        if !whole && bytes.len() as u64 == most {
            whole = self.reader.skip_until(b'\n')? > 0;
        }
        Ok(Some(RawLine {
            number: self.number,
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
    let mut lines = Lines::of(files.open_to_read()?);
    let failed = JournalError::file("read", &files.journal);
    let mut chosen = std::collections::VecDeque::new();
    while let Some(line) = lines.next().map_err(&failed)? {
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
