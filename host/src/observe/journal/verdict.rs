//! What an inspection of the journal says.

use std::fmt;

use serde::Serialize;

use super::line::Head;

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The segment's name.
    pub file: String,
    /// From 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

/// What was found of a journal.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// How many records were read.
    pub records: u64,
    /// Where the next record would stand.
    #[serde(skip)]
    pub end: Place,
    /// The last of them.
    pub head: Option<Head>,
    /// What a person should know and is no sign of a change: the traces of crashes.
    pub notes: Vec<Note>,
    /// The first thing that is wrong; none if the journal is as it was written.
    pub wrong: Option<Wrong>,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The line that says so; none where it is no line that does.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// One sentence.
    pub message: String,
}

/// The first record that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its line; where records are missing, the line that should have been another.
    #[serde(flatten)]
    pub place: Place,
    /// What happened to it.
    pub fault: Fault,
    /// One sentence.
    pub message: String,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A record is not as it was written, or was written by somebody else.
    Edited,
    /// Records between others are missing.
    Cut,
    /// Records are in another order, or twice.
    Reordered,
    /// The last line is not whole.
    Torn,
    /// Records at the end are missing.
    TailMissing,
    /// The anchor is missing, or not ours.
    Anchor,
    /// Records say of themselves that nobody vouches for them, or nobody here can: another key.
    Unverified,
    /// A record and the commit that it names do not agree.
    Commit,
}

impl Fault {
    /// Returns a word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Cut => "cut",
            Self::Reordered => "reordered",
            Self::Torn => "torn",
            Self::TailMissing => "tail missing",
            Self::Anchor => "anchor",
            Self::Unverified => "unverified",
            Self::Commit => "commit",
        }
    }
}
