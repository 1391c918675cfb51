//! Two bytes at a time, and four where those two begin something: nearly no text has four in a row that any form begins with,
//! so nearly all of it is passed over.

use super::plain::{self, Step};

/// How many bytes are looked at where two are not enough; no form is shorter.
const MORE: usize = 4;

/// What something can begin with.
#[derive(Debug)]
pub(super) struct Pairs {
    /// The pairs of bytes, as bits.
    twos: Box<[u64]>,
    /// What the first four characters are hashed to, as bits.
    fours: Box<[u64]>,
    /// The character that each byte is; none where that depends on others.
    characters: Box<[Option<u8>; 256]>,
}

impl Pairs {
    /// Notes how forms begin that are read as they are.
    pub(super) fn raw(forms: &[Vec<u8>]) -> Self {
        let mut pairs = Self::none(forms, Some);
        for form in forms {
            if let [first, second, ..] = form[..] {
                pairs.add(first, second);
            }
        }
        pairs
    }

    /// Notes how forms begin that are read plainly.
    pub(super) fn plain(forms: &[Vec<u8>]) -> Self {
        let clear = |byte| alone(byte).filter(|_| !plain::is_special(byte));
        let mut pairs = Self::none(forms, clear);
        let bytes = || 0..=u8::MAX;
        for special in bytes().filter(|&byte| plain::is_special(byte)) {
            bytes().for_each(|second| pairs.add(special, second));
        }
        for form in forms {
            let [first, second, ..] = form[..] else {
                continue;
            };
            for begin in bytes().filter(|&byte| clear(byte) == Some(first)) {
                for next in bytes() {
                    // Nothing is indentation behind a character; what is not clear is left out, or depends on what comes.
                    if clear(next).is_none_or(|byte| byte == second) {
                        pairs.add(begin, next);
                    }
                }
            }
        }
        pairs
    }

    /// Returns how many bytes at the beginning begin nothing. The last one may always begin something.
    pub(super) fn skip(&self, bytes: &[u8]) -> usize {
        let mut from = 0;
        while let Some(rest) = bytes.get(from..) {
            let begins = rest.windows(2).position(|pair| self.has(pair[0], pair[1]));
            let Some(at) = begins else {
                break;
            };
            from += at;
            if self.may_go_on(&rest[at..]) {
                return from;
            }
            from += 1;
        }
        bytes.len().saturating_sub(1)
    }

    /// Tells whether a form can begin as some bytes do, of which the first two are as in one.
    fn may_go_on(&self, bytes: &[u8]) -> bool {
        let Some(bytes) = bytes.first_chunk::<MORE>() else {
            return true;
        };
        let mut four = [0; MORE];
        for (character, byte) in four.iter_mut().zip(bytes) {
            match self.characters[usize::from(*byte)] {
                Some(clear) => *character = clear,
                None => return true,
            }
        }
        let (word, bit) = hashed(four);
        self.fours[word] & bit != 0
    }

    fn none(forms: &[Vec<u8>], character: impl Fn(u8) -> Option<u8>) -> Self {
        let mut fours = vec![0; 1 << 10];
        for form in forms {
            if let Some(four) = form.first_chunk::<MORE>() {
                let (word, bit) = hashed(*four);
                fours[word] |= bit;
            }
        }
        let mut characters = Box::new([None; 256]);
        for (byte, of) in (0..=u8::MAX).zip(characters.iter_mut()) {
            *of = character(byte);
        }
        Self {
            twos: vec![0; 1 << 10].into(),
            fours: fours.into(),
            characters,
        }
    }

    fn add(&mut self, first: u8, second: u8) {
        let (word, bit) = place(first, second);
        self.twos[word] |= bit;
    }

    fn has(&self, first: u8, second: u8) -> bool {
        let (word, bit) = place(first, second);
        self.twos[word] & bit != 0
    }
}

fn hashed(four: [u8; MORE]) -> (usize, u64) {
    // By the golden ratio: its upper bits depend on all of them.
    let hash = u32::from_le_bytes(four).wrapping_mul(0x9e37_79b1) >> 16;
    (hash as usize / 64, 1 << (hash % 64))
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
