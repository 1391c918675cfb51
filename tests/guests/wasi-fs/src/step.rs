//! One step of a sequence: a function of `wasi:filesystem`, and what it is called with.
//!
//! The tests that make sequences include this very file.

use serde::{Deserialize, Serialize};

/// How many descriptors a sequence may hold; the first is the directory that it works in.
pub(crate) const SLOTS: usize = 6;

/// A time of `set-times` that is no time.
pub(crate) const NO_TIME: u8 = u8::MAX;

/// A step, and whether what it made is to be taken back at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub(crate) step: Step,
    #[serde(default)]
    pub(crate) undo: bool,
}

/// How `open-at` is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    clippy::allow_attributes,
    reason = "the flags of `open-at`, one for one; not every lint is on in both places"
)]
pub(crate) struct Opening {
    pub(crate) follow: bool,
    pub(crate) create: bool,
    pub(crate) directory: bool,
    pub(crate) exclusive: bool,
    pub(crate) truncate: bool,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) mutate: bool,
    pub(crate) sync: bool,
}

/// What is called. Numbers are descriptors that the sequence holds; a time is 0 for no change, 1 for now, or a time of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Open {
        dir: usize,
        path: String,
        how: Opening,
        into: usize,
    },
    Close(usize),
    Read {
        file: usize,
        length: u64,
        offset: u64,
    },
    Write {
        file: usize,
        text: String,
        offset: u64,
    },
    ReadStream {
        file: usize,
        offset: u64,
        chunk: u64,
    },
    WriteStream {
        file: usize,
        offset: u64,
        texts: Vec<String>,
    },
    AppendStream {
        file: usize,
        texts: Vec<String>,
    },
    Splice {
        from: usize,
        offset: u64,
        to: usize,
        length: u64,
    },
    SetSize {
        file: usize,
        size: u64,
    },
    Advise {
        file: usize,
        offset: u64,
        length: u64,
        advice: u8,
    },
    Sync(usize),
    SyncData(usize),
    Flags(usize),
    Type(usize),
    Stat(usize),
    SetTimes {
        file: usize,
        accessed: u8,
        modified: u8,
    },
    List(usize),
    StatAt {
        dir: usize,
        path: String,
        follow: bool,
    },
    SetTimesAt {
        dir: usize,
        path: String,
        follow: bool,
        accessed: u8,
        modified: u8,
    },
    MakeDir {
        dir: usize,
        path: String,
    },
    RemoveDir {
        dir: usize,
        path: String,
    },
    Unlink {
        dir: usize,
        path: String,
    },
    Symlink {
        target: String,
        dir: usize,
        path: String,
    },
    ReadLink {
        dir: usize,
        path: String,
    },
    Link {
        from: usize,
        follow: bool,
        old: String,
        to: usize,
        new: String,
    },
    Rename {
        from: usize,
        old: String,
        to: usize,
        new: String,
    },
    Same {
        one: usize,
        other: usize,
    },
    SameHash {
        one: usize,
        dir: usize,
        path: String,
        follow: bool,
    },
}
