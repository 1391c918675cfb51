//! Two bytes at a time: nearly no text has two in a row that any form begins with, so nearly all of it is passed over.

use super::plain::{self, Step};

/// The pairs of bytes that something can begin with, as bits.
#[derive(Debug)]
pub(super) struct Pairs(Box<[u64]>);

impl Pairs {
    /// Notes how forms begin that are read as they are.
    pub(super) fn raw(forms: &[Vec<u8>]) -> Self {
        let mut pairs = Self::none();
        for form in forms {
            if let [first, second, ..] = form[..] {
                pairs.add(first, second);
            }
        }
        pairs
    }

    /// Notes how forms begin that are read plainly.
    pub(super) fn plain(forms: &[Vec<u8>]) -> Self {
        let mut pairs = Self::none();
        let bytes = || 0..=u8::MAX;
        for special in bytes().filter(|&byte| plain::is_special(byte)) {
            bytes().for_each(|second| pairs.add(special, second));
        }
        let alone: Vec<Option<u8>> = bytes().map(alone).collect();
        for form in forms {
            let [first, second, ..] = form[..] else {
                continue;
            };
            for begin in bytes().filter(|&byte| alone[usize::from(byte)] == Some(first)) {
                for next in bytes() {
                    // What is left out, or depends on what comes behind it.
                    let unclear = matches!(next, b' ' | b'\t') || plain::is_special(next);
                    let read = alone[usize::from(next)];
                    if unclear || read.is_none_or(|byte| byte == second) {
                        pairs.add(begin, next);
                    }
                }
            }
        }
        pairs
    }

    /// Returns how many bytes at the beginning begin nothing. The last one may always begin something.
    pub(super) fn skip(&self, bytes: &[u8]) -> usize {
        let begins = bytes.windows(2).position(|pair| self.has(pair[0], pair[1]));
        begins.unwrap_or(bytes.len().saturating_sub(1))
    }

    fn none() -> Self {
        Self(vec![0; 1 << 10].into())
    }

    fn add(&mut self, first: u8, second: u8) {
        let (word, bit) = place(first, second);
        self.0[word] |= bit;
    }

    fn has(&self, first: u8, second: u8) -> bool {
        let (word, bit) = place(first, second);
        self.0[word] & bit != 0
    }
}

fn place(first: u8, second: u8) -> (usize, u64) {
    let pair = usize::from(u16::from_be_bytes([first, second]));
    (pair / 64, 1 << (pair % 64))
}

/// Returns what a byte is, read plainly and alone.
fn alone(byte: u8) -> Option<u8> {
    match plain::read(&[byte], true) {
        Step::Character(byte, _) | Step::Blank(byte, _) => Some(byte),
        Step::Line(_) | Step::Nothing(_) | Step::More => None,
    }
}
