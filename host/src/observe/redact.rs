//! Hiding the values of secrets that this process knows, in whatever it tells.
//!
//! One list a process, because what must not be told may be told by any part of it: a log line, an event, a panic.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};

use super::encodings;
use crate::model::{SecretName, SecretValue};

static KNOWN: RwLock<Known> = RwLock::new(Known {
    names: Vec::new(),
    values: Vec::new(),
    finder: None,
});

struct Known {
    names: Vec<SecretName>,
    values: Vec<SecretValue>,
    finder: Option<Arc<Finder>>,
}

/// Finds every form of the known values.
#[derive(Debug)]
pub(super) struct Finder {
    search: AhoCorasick,
    /// What is put in the place of each form.
    marks: Vec<String>,
    /// The forms themselves, to tell what may be the beginning of one.
    forms: Vec<Vec<u8>>,
    longest: usize,
}

/// Learns a secret: from now on its value is hidden, as it is and in its usual encodings.
pub fn hide(name: &SecretName, value: &SecretValue) {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    let same = |other: &SecretValue| other.expose() == value.expose();
    if known.values.iter().any(same) {
        return;
    }
    known.names.push(name.clone());
    known.values.push(value.clone());
    let secrets = known.names.iter().zip(&known.values);
    known.finder = Finder::new(secrets).map(Arc::new);
}

/// Hides secrets in a text.
pub fn redact(text: &str) -> Cow<'_, str> {
    match finder() {
        // Forms and marks are ASCII: what was UTF-8 is so afterwards.
        Some(finder) if finder.search.is_match(text) => {
            Cow::Owned(finder.search.replace_all(text, &finder.marks))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Hides secrets in bytes.
pub fn redact_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    match finder() {
        Some(finder) if finder.search.is_match(bytes) => {
            Cow::Owned(finder.search.replace_all_bytes(bytes, &finder.marks))
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// Tells whether there is anything to hide.
pub fn hides() -> bool {
    finder().is_some()
}

pub(super) fn finder() -> Option<Arc<Finder>> {
    KNOWN
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .finder
        .clone()
}

impl Finder {
    pub(super) fn new<'a>(
        secrets: impl Iterator<Item = (&'a SecretName, &'a SecretValue)>,
    ) -> Option<Self> {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        let mut marks = Vec::new();
        for (name, value) in secrets {
            for form in encodings::of(value.expose()) {
                if !forms.contains(&form) {
                    forms.push(form);
                    marks.push(format!("[secret {name}]"));
                }
            }
        }
        // The longest form at a place: what is left of an encoding would tell a part of it.
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&forms);
        match search {
            Ok(search) => Some(Self {
                longest: forms.iter().map(Vec::len).max().unwrap_or_default(),
                search,
                marks,
                forms,
            }),
            Err(error) => {
                tracing::error!(%error, "secrets cannot be hidden");
                None
            }
        }
    }

    /// Hides secrets in the next part of a stream. What may be the beginning of one is kept back in `rest`.
    pub(super) fn push(&self, rest: &mut Vec<u8>, more: &[u8], end: bool) -> Vec<u8> {
        rest.extend_from_slice(more);
        let held = if end { rest.len() } else { self.held(rest, 0) };
        let mut out = Vec::with_capacity(rest.len());
        let mut done = 0;
        for found in self.search.find_iter(rest.as_slice()) {
            // Where a form may still become a longer one, the rest of it is waited for.
            if found.start() >= held {
                break;
            }
            out.extend_from_slice(&rest[done..found.start()]);
            out.extend_from_slice(self.marks[found.pattern().as_usize()].as_bytes());
            done = found.end();
        }
        let held = if end {
            rest.len()
        } else {
            self.held(rest, done)
        };
        out.extend_from_slice(&rest[done..held]);
        rest.drain(..held);
        out
    }

    /// Returns where the first thing begins, at the end of the bytes, that may become a form.
    fn held(&self, bytes: &[u8], from: usize) -> usize {
        let earliest = bytes
            .len()
            .saturating_sub(self.longest.saturating_sub(1))
            .max(from);
        (earliest..bytes.len())
            .find(|&at| {
                let tail = &bytes[at..];
                self.forms
                    .iter()
                    .any(|form| form.len() > tail.len() && form.starts_with(tail))
            })
            .unwrap_or(bytes.len())
    }
}
