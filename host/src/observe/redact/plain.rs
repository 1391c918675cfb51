//! Reading a text plainly: escapes of JSON, URLs and HTML are what they stand for, also escaped several times, and what
//! only folds or widens a text (ends of line with the indentation behind them, NUL) is not there.
//!
//! No secret has a character that is left out here. A value that looks like an escape itself is read in the same way, and
//! is found as it is besides.

/// The longest escape that is read, in bytes; whatever is longer is text. Bounds what a stream keeps back for it.
const LONGEST: usize = 32;
/// How many backslashes are one: JSON inside of JSON doubles them each time.
const BACKSLASHES: usize = 16;

/// What stands for nothing that a secret has in it.
const OTHER: u8 = 0xff;

/// The names of ASCII characters in HTML.
const NAMES: [(&str, u8); 33] = [
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
];

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A character, from so many bytes.
    Character(u8, usize),
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
    let ahead = Ahead {
        bytes: &bytes[..bytes.len().min(LONGEST)],
        last: end || bytes.len() >= LONGEST,
    };
    let read = match bytes[0] {
        b'\\' => ahead.backslash(),
        b'%' => ahead.percent(),
        b'&' => ahead.entity(),
        byte => Ok(character(byte, 1)),
    };
    read.unwrap_or(Step::More)
}

const fn character(byte: u8, length: usize) -> Step {
    match byte {
        0 | b'\r' => Step::Nothing(length),
        b'\n' => Step::Line(length),
        // Forms write one for the other.
        b' ' => Step::Character(b'+', length),
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

impl Ahead<'_> {
    fn at(&self, index: usize) -> Result<u8, Short> {
        match self.bytes.get(index) {
            Some(byte) => Ok(*byte),
            // It is a part of no escape.
            None if self.last => Ok(0),
            None => Err(Short),
        }
    }

    /// Reads hexadecimal digits; nothing where there are others.
    fn hex(&self, from: usize, count: usize) -> Result<Option<u32>, Short> {
        let mut value = 0;
        for index in from..from + count {
            let Some(digit) = char::from(self.at(index)?).to_digit(16) else {
                return Ok(None);
            };
            value = value << 4 | digit;
        }
        Ok(Some(value))
    }

    /// `\"`, `\/`, `\u002B`, `\x2b`, `\n`, and the same behind more backslashes.
    fn backslash(&self) -> Result<Step, Short> {
        let mut run = 1;
        while run < BACKSLASHES && self.at(run)? == b'\\' {
            run += 1;
        }
        let digits = match self.at(run)? {
            quoted @ (b'"' | b'\'' | b'/') => return Ok(character(quoted, run + 1)),
            b'n' => return Ok(character(b'\n', run + 1)),
            b'r' => return Ok(character(b'\r', run + 1)),
            b'u' => 4,
            b'x' => 2,
            _ => return Ok(character(b'\\', run)),
        };
        Ok(match self.hex(run + 1, digits)? {
            Some(value) => character(u8::try_from(value).unwrap_or(OTHER), run + 1 + digits),
            None => character(b'\\', run),
        })
    }

    /// `%2B`, also with `%25` for the percent sign.
    fn percent(&self) -> Result<Step, Short> {
        let Some(mut value) = self.hex(1, 2)? else {
            return Ok(character(b'%', 1));
        };
        let mut length = 3;
        while value == u32::from(b'%') {
            let Some(next) = self.hex(length, 2)? else {
                break;
            };
            (value, length) = (next, length + 2);
        }
        Ok(character(u8::try_from(value).unwrap_or(OTHER), length))
    }

    /// `&plus;`, `&#43;`, `&#x2B;`, also with `&amp;` for the sign at its beginning.
    fn entity(&self) -> Result<Step, Short> {
        let (mut step, mut length) = (character(b'&', 1), 1);
        while let Some((byte, ends)) = self.name(length)? {
            (step, length) = (character(byte, ends), ends);
            if byte != b'&' {
                break;
            }
        }
        Ok(step)
    }

    /// Reads the rest of an entity: what it stands for, and where it ends.
    fn name(&self, from: usize) -> Result<Option<(u8, usize)>, Short> {
        let mut ends = from;
        loop {
            match self.at(ends)? {
                b';' => break,
                b'#' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => ends += 1,
                _ => return Ok(None),
            }
        }
        let name = std::str::from_utf8(&self.bytes[from..ends]).unwrap_or_default();
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
        Ok(value.map(|value| (value, ends + 1)))
    }
}

/// Returns all characters of a text, read plainly.
pub(super) fn whole(text: &[u8]) -> Vec<u8> {
    let mut characters = Vec::with_capacity(text.len());
    let mut from = 0;
    while from < text.len() {
        from += match read(&text[from..], true) {
            Step::Character(byte, length) => {
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
