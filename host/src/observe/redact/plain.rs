//! Reading a text plainly: escapes of JSON, URLs and HTML are what they stand for, also escaped several times, and what
//! only folds or widens a text (ends of line with the indentation behind them, NUL) is not there.
//!
//! No secret has a character that is left out here. A value that looks like an escape itself is read in the same way, and
//! is found as it is besides.

/// The longest escape that is read, in bytes; whatever is longer is text. Bounds what a stream keeps back for it.
const LONGEST: usize = 64;
/// How many escapes of different kinds can be in one another.
const ROUNDS: u8 = 3;
/// How many backslashes are one: JSON inside of JSON doubles them each time.
const BACKSLASHES: usize = 16;

/// What stands for nothing that a secret has in it.
const OTHER: u8 = 0xff;

/// The names of ASCII characters in HTML.
const NAMES: [(&str, u8); 37] = [
    ("amp", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("gt", b'>'),
    ("Hat", b'^'),
    ("lbrace", b'{'),
    ("lbrack", b'['),
    ("lcub", b'{'),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lsqb", b'['),
    ("lt", b'<'),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("rbrace", b'}'),
    ("rcub", b'}'),
    ("rpar", b')'),
    ("rsqb", b']'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
    ("vert", b'|'),
    ("VerticalLine", b'|'),
    ("NewLine", b'\n'),
    ("Tab", b'\t'),
];

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A character, from so many bytes.
    Character(u8, usize),
    /// A blank, read as the character that some forms write for it, from so many bytes. It may be indentation.
    Blank(u8, usize),
    /// The end of a line, from so many bytes.
    Line(usize),
    /// Nothing, from so many bytes.
    Nothing(usize),
    /// It depends on what comes.
    More,
}

/// Tells whether a byte may stand for something else than itself.
pub(super) const fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&')
}

/// Reads what stands at the beginning of some bytes, of which there is at least one. `end` says that no more come.
pub(super) fn read(bytes: &[u8], end: bool) -> Step {
    if !is_special(bytes[0]) {
        return character(bytes[0], 1);
    }
    let ahead = Ahead {
        bytes: &bytes[..bytes.len().min(LONGEST)],
        last: end && bytes.len() <= LONGEST,
    };
    for rounds in (1..=ROUNDS).rev() {
        match ahead.character(0, rounds) {
            Ok((byte, length)) => return character(byte, length),
            Err(Short) if bytes.len() < LONGEST => return Step::More,
            // What is too long to be looked at as a whole is read with fewer rounds, not in half.
            Err(Short) => {}
        }
    }
    character(bytes[0], 1)
}

/// Tells how many bytes stand before the letter that an escape such as `\\n` ends with; none where it is another step.
pub(super) fn before_letter(bytes: &[u8], step: Step) -> Option<usize> {
    let length = match step {
        Step::Blank(_, length) | Step::Line(length) | Step::Nothing(length) if length > 1 => length,
        Step::Character(..) | Step::Blank(..) | Step::Line(_) | Step::Nothing(_) | Step::More => {
            return None;
        }
    };
    matches!(bytes.get(length - 1), Some(b'n' | b'r' | b't')).then_some(length - 1)
}

const fn character(byte: u8, length: usize) -> Step {
    match byte {
        0 | b'\r' => Step::Nothing(length),
        b'\n' => Step::Line(length),
        // Forms write one for the other.
        b' ' => Step::Blank(b'+', length),
        b'\t' => Step::Blank(b'\t', length),
        byte => Step::Character(byte, length),
    }
}

/// What came so far may be an escape.
struct Short;

/// As many bytes as an escape can have.
struct Ahead<'a> {
    bytes: &'a [u8],
    /// Whether no more will be looked at.
    last: bool,
}

/// A character, and where it ends.
type Read = Result<(u8, usize), Short>;

impl Ahead<'_> {
    /// Reads the character at a place with so many rounds of escapes undone: those of each round are read from the characters
    /// of the round before, so that an escape of one kind can be written in escapes of another.
    fn character(&self, from: usize, rounds: u8) -> Read {
        let Some(within) = rounds.checked_sub(1) else {
            return match self.bytes.get(from) {
                Some(byte) => Ok((*byte, from + 1)),
                // It is a part of no escape.
                None if self.last => Ok((0, from)),
                None => Err(Short),
            };
        };
        let (first, after) = self.character(from, within)?;
        match first {
            b'\\' => self.backslash(after, within),
            b'%' => self.percent(after, within),
            b'&' => self.entity(after, within),
            byte => Ok((byte, after)),
        }
    }

    /// Reads hexadecimal digits, and where they end; nothing where there are others.
    fn hex(&self, mut at: usize, count: usize, within: u8) -> Result<Option<(u32, usize)>, Short> {
        let mut value = 0;
        for _ in 0..count {
            let (byte, after) = self.character(at, within)?;
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Ok(None);
            };
            (value, at) = (value << 4 | digit, after);
        }
        Ok(Some((value, at)))
    }

    /// What stands behind a backslash: `\"`, `\/`, `\u002B`, `\x2b`, `\n`, `\t`, and the same behind more backslashes.
    fn backslash(&self, mut after: usize, within: u8) -> Read {
        let (mut byte, mut next) = self.character(after, within)?;
        let mut run = 1;
        while run < BACKSLASHES && byte == b'\\' {
            run += 1;
            after = next;
            (byte, next) = self.character(after, within)?;
        }
        let digits = match byte {
            b'"' | b'\'' | b'/' => return Ok((byte, next)),
            b'n' => return Ok((b'\n', next)),
            b'r' => return Ok((b'\r', next)),
            b't' => return Ok((b'\t', next)),
            b'u' => 4,
            b'x' => 2,
            _ => return Ok((b'\\', after)),
        };
        Ok(match self.hex(next, digits, within)? {
            Some((value, ends)) => (u8::try_from(value).unwrap_or(OTHER), ends),
            None => (b'\\', after),
        })
    }

    /// What stands behind a percent sign: `2B`, also with `25` for another percent sign before it.
    fn percent(&self, after: usize, within: u8) -> Read {
        let (mut byte, mut ends) = (b'%', after);
        while byte == b'%' {
            let Some((value, after)) = self.hex(ends, 2, within)? else {
                break;
            };
            (byte, ends) = (u8::try_from(value).unwrap_or(OTHER), after);
        }
        Ok((byte, ends))
    }

    /// What stands behind an ampersand: `plus;`, `#43;`, `#x2B;`, also with `amp;` for another ampersand before it.
    fn entity(&self, after: usize, within: u8) -> Read {
        let (mut byte, mut ends) = (b'&', after);
        while byte == b'&' {
            let Some((value, after)) = self.name(ends, within)? else {
                break;
            };
            (byte, ends) = (value, after);
        }
        Ok((byte, ends))
    }

    /// Reads the rest of an entity: what it stands for, and where it ends.
    fn name(&self, mut at: usize, within: u8) -> Result<Option<(u8, usize)>, Short> {
        let mut name = String::new();
        loop {
            let (byte, after) = self.character(at, within)?;
            at = after;
            match byte {
                b';' => break,
                b'#' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => name.push(char::from(byte)),
                _ => return Ok(None),
            }
        }
        let value = match name.strip_prefix('#') {
            None => {
                let known = NAMES.iter().find(|(known, _)| *known == name);
                known.map(|(_, byte)| *byte)
            }
            Some(number) => match number.strip_prefix(['x', 'X']) {
                None => number.parse().ok(),
                Some(digits) => u8::from_str_radix(digits, 16).ok(),
            },
        };
        Ok(value.map(|value| (value, at)))
    }
}

/// Returns all characters of a text, read plainly.
pub(super) fn whole(text: &[u8]) -> Vec<u8> {
    let mut characters = Vec::with_capacity(text.len());
    let mut from = 0;
    while from < text.len() {
        from += match read(&text[from..], true) {
            Step::Character(byte, length) | Step::Blank(byte, length) => {
                characters.push(byte);
                length
            }
            Step::Line(length) | Step::Nothing(length) => length,
            // There is no more.
            Step::More => 1,
        };
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_what_they_stand_for_however_often_they_are_escaped() {
        for text in [
            "+",
            " ",
            "\\u002B",
            "\\u002b",
            "\\\\u002B",
            "\\x2b",
            "%2B",
            "%2b",
            "%252B",
            "%25252b",
            "&plus;",
            "&#43;",
            "&#043;",
            "&#x2B;",
            "&#X0002b;",
            "&amp;#43;",
            "&amp;amp;plus;",
            "\0+\0",
            "\\u0026#43;",
            "%26%2343%3B",
            "%26plus%3b",
            "%5Cu002b",
            "\\u002525%32B",
            "&bsol;u002B",
            "&#92;u002b",
            "&percnt;2B",
            "\\u00252B",
            "%255Cu002b",
            "\n+\r\n",
            "\\n+",
        ] {
            assert_eq!(whole(text.as_bytes()), b"+", "{text:?}");
        }
        for (text, plain) in [
            ("a\\\"b\\/c\\\\d", "a\"b/c\\d"),
            ("100%, 5%2, %zz", "100%,+5%2,+%zz"),
            ("a && b &amp; c &x; &", "a+&&+b+&+c+&x;+&"),
            ("%25%", "%%"),
            ("\\u12", "\\u12"),
            ("a&vert;b", "a|b"),
            ("&#999;&#x;", "&#999;&#x;"),
        ] {
            assert_eq!(String::from_utf8(whole(text.as_bytes())).unwrap(), plain);
        }
    }

    #[test]
    fn what_may_become_an_escape_is_waited_for_and_no_longer_than_an_escape_can_be() {
        for text in [
            "\\", "\\\\", "\\u00", "%", "%2", "%25", "%252", "&", "&am", "&amp;", "&#0",
        ] {
            assert_eq!(read(text.as_bytes(), false), Step::More, "{text}");
            assert_ne!(read(text.as_bytes(), true), Step::More, "{text}");
        }
        for text in ["\\", "&", "&#0", "&amp;a"] {
            let long = text.to_owned() + &text[text.len() - 1..].repeat(LONGEST);
            assert_ne!(read(long.as_bytes(), false), Step::More, "{long}");
        }
    }
}
