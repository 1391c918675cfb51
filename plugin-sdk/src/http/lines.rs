//! A body as lines, however the network cut it.

use super::Error;
use std::io::Read;

/// Bytes that are read at once.
const READ: usize = 8 << 10;

/// The lines of a body, as they come. A line ends with `\n`, `\r\n` or `\r`, or where the body does; a byte order mark
/// before the first is no part of it, and what is no UTF-8 is replaced.
///
/// ```
/// use paracle_plugin_sdk::http::Lines;
///
/// let lines: Result<Vec<_>, _> = Lines::new("{\"a\":1}\r\n{\"b\":2}".as_bytes(), 100).collect();
/// assert_eq!(lines.unwrap(), ["{\"a\":1}", "{\"b\":2}"]);
/// ```
#[derive(Debug)]
pub struct Lines<R> {
    source: R,
    /// What was read, of which all before `at` was used.
    chunk: Vec<u8>,
    at: usize,
    line: Vec<u8>,
    most: usize,
    first: bool,
    /// Whether the line before ended with `\r`, so that a `\n` is still its end.
    returned: bool,
    ended: bool,
}

impl<R: Read> Lines<R> {
    /// Reads lines of at most `most` bytes; a longer one is an error, and the last that comes.
    pub fn new(source: R, most: usize) -> Self {
        Self {
            source,
            chunk: Vec::new(),
            at: 0,
            line: Vec::new(),
            most,
            first: true,
            returned: false,
            ended: false,
        }
    }

    fn line(&mut self) -> Result<Option<String>, Error> {
        loop {
            if self.returned && self.at < self.chunk.len() {
                self.at += usize::from(self.chunk[self.at] == b'\n');
                self.returned = false;
            }
            let rest = &self.chunk[self.at..];
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.line.extend(&rest[..end.unwrap_or(rest.len())]);
            if self.line.len() > self.most {
                return Err(Error::TooLong { most: self.most });
            }
            if let Some(end) = end {
                self.returned = rest[end] == b'\r';
                self.at += end + 1;
                return Ok(Some(self.take()));
            }
            self.chunk.resize(READ, 0);
            let read = self.source.read(&mut self.chunk);
            let read = read.map_err(|error| Error::Failed(error.to_string()))?;
            self.chunk.truncate(read);
            self.at = 0;
            if read == 0 {
                self.ended = true;
                return Ok((!self.line.is_empty()).then(|| self.take()));
            }
        }
    }

    fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let mark: &[u8] = if self.first { b"\xef\xbb\xbf" } else { b"" };
        self.first = false;
        let text = line.strip_prefix(mark).unwrap_or(&line);
        String::from_utf8_lossy(text).into_owned()
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.line();
        self.ended |= line.is_err();
        line.transpose()
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]
pub(super) mod tests {
    use super::*;
    use std::io;

    /// A body that comes in these pieces.
    pub(crate) struct Pieces<'a>(pub(crate) Vec<&'a [u8]>);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            while self.0.first().is_some_and(|piece| piece.is_empty()) {
                self.0.remove(0);
            }
            match self.0.first_mut() {
                None => Ok(0),
                Some(piece) => piece.read(buffer),
            }
        }
    }

    fn lines(pieces: Vec<&[u8]>, most: usize) -> Result<Vec<String>, Error> {
        Lines::new(Pieces(pieces), most).collect()
    }

    #[test]
    fn lines_are_the_same_wherever_the_network_cuts_them() {
        let text = "\u{feff}one\r\n\r\ntwo\rthree\n\nf\u{fc}nf \u{1f600}\r\n\u{feff}six".as_bytes();
        let whole = ["one", "", "two", "three", "", "fünf 😀", "\u{feff}six"];
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let pieces = vec![&text[..first], &text[first..second], &text[second..]];
                assert_eq!(lines(pieces, 100).unwrap(), whole, "{first} {second}");
            }
        }
        let bytes = text.chunks(1).collect();
        assert_eq!(lines(bytes, 100).unwrap(), whole);
    }

    #[test]
    fn a_line_is_read_up_to_a_bound_and_no_further() {
        let endless = vec![b'x'; 100_000];
        let mut read = Lines::new(endless.as_slice(), 1000);
        assert_eq!(read.next(), Some(Err(Error::TooLong { most: 1000 })));
        assert_eq!(read.next(), None);
        assert!(read.line.len() <= 1000 + READ, "{}", read.line.len());
        assert_eq!(lines(vec![b"abc\nab"], 3).unwrap(), ["abc", "ab"]);
        assert_eq!(lines(vec![b"abcd\n"], 3), Err(Error::TooLong { most: 3 }));
    }

    #[test]
    fn nothing_comes_of_nothing_and_bad_bytes_are_replaced() {
        assert_eq!(lines(vec![], 10).unwrap(), Vec::<String>::new());
        assert_eq!(lines(vec![b"a\xff\n"], 10).unwrap(), ["a\u{fffd}"]);
    }

    #[test]
    fn a_body_that_breaks_off_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("reset"))
            }
        }
        let mut read = Lines::new(b"half".chain(Broken), 10);
        assert_eq!(read.next(), Some(Err(Error::Failed("reset".into()))));
        assert_eq!(read.next(), None);
    }
}
