//! Finding every form of the known values, in one pass over each of the two ways to read a text.

use std::collections::{HashMap, VecDeque};

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::nfa::contiguous::NFA;

use super::encodings;
use super::pairs::Pairs;
use super::plain::{self, Step};
use crate::model::{SecretName, SecretValue};

/// How many bytes in a row may be left out inside of a value; more are no folding.
const LEFT_OUT: usize = 64;

/// What is looked for.
#[derive(Debug)]
pub(super) struct Finder {
    forms: NFA,
    start: StateID,
    /// How many bytes of a form that may go on each state stands for.
    depths: HashMap<StateID, usize>,
    /// What is put in the place of each form.
    marks: Vec<String>,
    /// Where something can begin, read as it is and read plainly.
    begins: [Pairs; 2],
}

/// A form that was found, from one byte of all that was read to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    form: usize,
}

/// How far a text was read.
#[derive(Debug)]
pub(super) struct Reading {
    /// As it is.
    raw: StateID,
    /// Plainly.
    plain: StateID,
    /// How many bytes were read as they are, and plainly.
    read: [usize; 2],
    /// Where the latest plain characters began, at least those of a form that may go on.
    characters: VecDeque<usize>,
    /// Whether a line has just begun: its indentation is left out.
    indented: bool,
    /// How many bytes in a row were left out.
    left_out: usize,
}

impl Reading {
    /// Returns how many bytes were read in both ways.
    pub(super) fn plainly(&self) -> usize {
        self.read[1]
    }
}

impl Finder {
    pub(super) fn new<'a>(
        secrets: impl Iterator<Item = (&'a SecretName, &'a SecretValue)>,
    ) -> Option<Self> {
        Self::of(secrets, false)
    }

    /// Makes one for texts in lower case.
    pub(super) fn folding<'a>(
        secrets: impl Iterator<Item = (&'a SecretName, &'a SecretValue)>,
    ) -> Option<Self> {
        Self::of(secrets, true)
    }

    fn of<'a>(
        secrets: impl Iterator<Item = (&'a SecretName, &'a SecretValue)>,
        folding: bool,
    ) -> Option<Self> {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        let mut marks = Vec::new();
        for (name, value) in secrets {
            for mut form in encodings::of(value.expose()) {
                if folding {
                    form.make_ascii_lowercase();
                }
                if !forms.contains(&form) {
                    forms.push(form);
                    marks.push(format!("[secret {name}]"));
                }
            }
        }
        // An escape can stand for a capital even where all letters are small.
        let built = NFA::builder()
            .ascii_case_insensitive(folding)
            .build(&forms)
            .map_err(|error| error.to_string());
        let started = built.and_then(|built| match built.start_state(Anchored::No) {
            Ok(start) => Ok((built, start)),
            Err(error) => Err(error.to_string()),
        });
        let (automaton, start) = match started {
            Ok(started) => started,
            Err(error) => {
                tracing::error!(error, "secrets cannot be hidden");
                return None;
            }
        };
        Some(Self {
            depths: depths(&automaton, start, &forms),
            forms: automaton,
            start,
            marks,
            begins: [Pairs::raw(&forms), Pairs::plain(&forms)],
        })
    }

    /// Tells whether a text has anything to hide.
    pub(super) fn finds(&self, text: &[u8]) -> bool {
        let mut found = Vec::new();
        self.read_on(&mut self.begin(), (0, text), true, &mut found);
        !found.is_empty()
    }

    /// Begins to read a text.
    pub(super) fn begin(&self) -> Reading {
        Reading {
            raw: self.start,
            plain: self.start,
            read: [0; 2],
            characters: VecDeque::new(),
            indented: false,
            left_out: 0,
        }
    }

    /// Returns what is put in the place of a form.
    pub(super) fn mark(&self, found: &Found) -> &str {
        self.marks
            .get(found.form)
            .map_or("[secret]", String::as_str)
    }

    /// Reads on. `rest` begins at the byte `base` of all that was read, at or before what was not read yet.
    pub(super) fn read_on(
        &self,
        reading: &mut Reading,
        (base, rest): (usize, &[u8]),
        end: bool,
        found: &mut Vec<Found>,
    ) {
        self.read_raw(reading, base, rest, found);
        self.read_plain(reading, (base, rest), end, found);
    }

    /// Returns the first byte that may still become a part of a form.
    pub(super) fn pending(&self, reading: &Reading) -> usize {
        let raw = reading.read[0] - self.depth(reading.raw);
        let depth = self.depth(reading.plain);
        let plain = match reading.characters.len().checked_sub(depth) {
            Some(first) if depth > 0 => reading.characters.get(first).copied(),
            _ => None,
        };
        raw.min(plain.unwrap_or(reading.read[1]))
    }

    fn read_raw(&self, reading: &mut Reading, base: usize, rest: &[u8], found: &mut Vec<Found>) {
        let mut at = reading.read[0] - base;
        while at < rest.len() {
            if reading.raw == self.start {
                at += self.begins[0].skip(&rest[at..]);
                if at == rest.len() {
                    break;
                }
            }
            reading.raw = self.forms.next_state(Anchored::No, reading.raw, rest[at]);
            at += 1;
            for (form, length) in self.matches(reading.raw) {
                let end = base + at;
                let start = end - length;
                found.push(Found { start, end, form });
            }
        }
        reading.read[0] = base + rest.len();
    }

    fn read_plain(
        &self,
        reading: &mut Reading,
        (base, rest): (usize, &[u8]),
        end: bool,
        found: &mut Vec<Found>,
    ) {
        let mut at = reading.read[1] - base;
        while at < rest.len() {
            if reading.plain == self.start {
                reading.characters.clear();
                let skipped = self.begins[1].skip(&rest[at..]);
                if skipped > 0 {
                    at += skipped;
                    (reading.indented, reading.left_out) = (false, 0);
                }
                if at == rest.len() {
                    break;
                }
            }
            let step = plain::read(&rest[at..], end);
            if reading.plain == self.start
                && let Some(before) = plain::before_letter(&rest[at..], step)
            {
                // Nothing is folded here: it may be a backslash, and the letter the first of a value.
                at += before;
                (reading.indented, reading.left_out) = (false, 0);
                continue;
            }
            let (byte, length) = match step {
                Step::More => break,
                Step::Blank(_, length) if reading.indented => {
                    at += length;
                    self.leave_out(reading, length);
                    continue;
                }
                Step::Character(byte, length) | Step::Blank(byte, length) => (byte, length),
                Step::Nothing(length) => {
                    at += length;
                    self.leave_out(reading, length);
                    continue;
                }
                Step::Line(length) => {
                    at += length;
                    // An empty line folds nothing: it is between two things.
                    let most = if reading.indented { LEFT_OUT } else { length };
                    reading.indented = true;
                    self.leave_out(reading, most);
                    continue;
                }
            };
            (reading.indented, reading.left_out) = (false, 0);
            reading.plain = self.forms.next_state(Anchored::No, reading.plain, byte);
            reading.characters.push_back(base + at);
            at += length;
            for (form, length) in self.matches(reading.plain) {
                let first = reading.characters.len().checked_sub(length);
                if let Some(&start) = first.and_then(|first| reading.characters.get(first)) {
                    let end = base + at;
                    found.push(Found { start, end, form });
                }
            }
        }
        reading.read[1] = base + at;
        let enough = self.depth(reading.plain);
        let more = reading.characters.len().saturating_sub(enough);
        reading.characters.drain(..more);
    }

    fn leave_out(&self, reading: &mut Reading, length: usize) {
        reading.left_out += length;
        if reading.left_out >= LEFT_OUT {
            reading.plain = self.start;
        }
    }

    fn depth(&self, state: StateID) -> usize {
        self.depths.get(&state).copied().unwrap_or_default()
    }

    /// Returns the forms that end in a state, and their lengths.
    fn matches(&self, state: StateID) -> impl Iterator<Item = (usize, usize)> {
        let count = if self.forms.is_match(state) {
            self.forms.match_len(state)
        } else {
            0
        };
        (0..count).map(move |index| {
            let form = self.forms.match_pattern(state, index);
            (form.as_usize(), self.forms.pattern_len(form))
        })
    }
}

/// Returns how many bytes of a form that may go on each state stands for. One that is complete stands for the beginning of
/// another that its end may be.
fn depths(automaton: &NFA, start: StateID, forms: &[Vec<u8>]) -> HashMap<StateID, usize> {
    let walk = |bytes: &[u8]| {
        bytes.iter().fold(start, |state, &byte| {
            automaton.next_state(Anchored::No, state, byte)
        })
    };
    let mut depths = HashMap::from([(start, 0)]);
    let mut whole = HashMap::new();
    for form in forms {
        let mut state = start;
        for (index, &byte) in form.iter().enumerate() {
            state = automaton.next_state(Anchored::No, state, byte);
            if index + 1 < form.len() {
                depths.insert(state, index + 1);
            }
        }
        whole.insert(state, form);
    }
    for (&state, form) in &whole {
        let mut form: &[u8] = form;
        let depth = loop {
            let shorter = walk(form.get(1..).unwrap_or_default());
            match (depths.get(&shorter), whole.get(&shorter)) {
                (Some(depth), _) => break *depth,
                (None, Some(other)) => form = other,
                (None, None) => break 0,
            }
        };
        depths.entry(state).or_insert(depth);
    }
    depths
}
