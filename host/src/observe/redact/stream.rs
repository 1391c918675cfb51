//! Hiding secrets in a stream, also where one is cut into several parts.

use std::cmp::Reverse;
use std::sync::Arc;

use super::finder::{Finder, Found, Reading};
use super::known::finder;

/// Hides secrets in what is pushed through it, part by part. Nothing is kept back but what may be the beginning of one.
#[derive(Debug)]
pub struct RedactedStream(Option<Search>);

#[derive(Debug)]
struct Search {
    finder: Arc<Finder>,
    reading: Reading,
    /// What came and was not told, or not read, yet.
    rest: Vec<u8>,
    /// How many bytes came before the rest.
    base: usize,
    /// How many bytes were told or hidden.
    told: usize,
    /// Found, and not hidden yet.
    found: Vec<Found>,
}

impl RedactedStream {
    /// Makes a stream that hides what this process knows by now.
    pub fn new() -> Self {
        Self::of(finder())
    }

    pub(super) fn of(finder: Option<Arc<Finder>>) -> Self {
        Self(finder.map(|finder| Search {
            reading: finder.begin(),
            finder,
            rest: Vec::new(),
            base: 0,
            told: 0,
            found: Vec::new(),
        }))
    }

    /// Takes the next part and returns what can be told of it and of the parts before.
    pub fn push(&mut self, part: &[u8]) -> Vec<u8> {
        match &mut self.0 {
            Some(search) => search.push(part, false),
            None => part.to_vec(),
        }
    }

    /// Returns what is left at the end.
    pub fn end(&mut self) -> Vec<u8> {
        match &mut self.0 {
            Some(search) => search.push(&[], true),
            None => Vec::new(),
        }
    }

    /// Returns how many bytes are held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.0.as_ref().map_or(0, |search| search.rest.len())
    }
}

impl Search {
    fn push(&mut self, part: &[u8], end: bool) -> Vec<u8> {
        self.rest.extend_from_slice(part);
        let bytes = (self.base, self.rest.as_slice());
        self.finder
            .read_on(&mut self.reading, bytes, end, &mut self.found);
        let until = if end {
            self.base + self.rest.len()
        } else {
            self.finder.pending(&self.reading)
        };
        let told = self.tell(until);
        // Not each time: that would move what stays for each byte that goes.
        let done = self.told.min(self.reading.plainly()) - self.base;
        if done > self.rest.len() / 2 {
            self.rest.drain(..done);
            self.base += done;
        }
        told
    }

    /// Returns what can be told up to a byte before which nothing more will be found.
    fn tell(&mut self, until: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(until.saturating_sub(self.told));
        let mut found = std::mem::take(&mut self.found);
        // Of those that begin together the longest: what is left of an encoding would tell a part of it.
        found.sort_by_key(|found| (found.start, Reverse(found.end)));
        for found in found {
            if found.start >= until {
                self.found.push(found);
                continue;
            }
            if found.start >= self.told {
                out.extend_from_slice(self.between(self.told, found.start));
                out.extend_from_slice(self.finder.mark(&found).as_bytes());
            }
            // One that begins inside of another goes with it, as far as it goes.
            self.told = self.told.max(found.end);
        }
        if until > self.told {
            out.extend_from_slice(self.between(self.told, until));
            self.told = until;
        }
        out
    }

    fn between(&self, from: usize, to: usize) -> &[u8] {
        self.rest
            .get(from - self.base..to - self.base)
            .unwrap_or_default()
    }
}

impl Default for RedactedStream {
    fn default() -> Self {
        Self::new()
    }
}
