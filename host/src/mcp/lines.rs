//! Lines that are no JSON are told apart before the library reads: it passes over them without a word, and who wrote one waits.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How much is read at once.
const PIECE: usize = 8 << 10;

/// A longer line is passed on as it comes: the library reads it no further, and passes over it without a word.
const LARGEST: usize = rmcp::transport::async_rw::DEFAULT_MAX_LINE_LENGTH;

/// What was wrong with a line that the library does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Garbled {
    /// It is no JSON.
    NoJson,
    /// It is longer than any that is read.
    TooLong,
}

impl Garbled {
    /// Says it to whoever wrote the line.
    pub(super) fn told(self) -> String {
        match self {
            Self::NoJson => "this line is no JSON: one message a line".to_owned(),
            Self::TooLong => format!(
                "this line is longer than {} MiB, and was not read: send less at once, or name a file",
                LARGEST >> 20
            ),
        }
    }
}

/// Input without the lines that are no JSON.
pub(super) struct Lines<R> {
    inner: R,
    /// What was read and not passed on.
    held: Vec<u8>,
    /// How much of that may be passed on, and how much of it was.
    whole: usize,
    passed: usize,
    /// Whether the line that comes is too long to be looked at.
    long: bool,
    /// How much of it came.
    length: usize,
    garbled: UnboundedSender<Garbled>,
}

impl<R> Lines<R> {
    /// Looks at each line; the receiver hears of each that was taken out.
    pub(super) fn of(inner: R) -> (Self, UnboundedReceiver<Garbled>) {
        let (garbled, heard) = unbounded_channel();
        let lines = Self {
            inner,
            held: Vec::new(),
            whole: 0,
            passed: 0,
            long: false,
            length: 0,
            garbled,
        };
        (lines, heard)
    }

    /// Takes what was read, and sees which of it are whole lines of JSON.
    fn take(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            self.held.extend_from_slice(part);
            self.length = self.length.saturating_add(part.len());
            let line = &self.held[self.whole..];
            self.long |= line.len() > LARGEST;
            let ends = part.ends_with(b"\n");
            if self.long || (ends && !is_garbled(line)) {
                self.whole = self.held.len();
            } else if ends {
                self.held.truncate(self.whole);
                self.tell(Garbled::NoJson);
            }
            if ends && std::mem::take(&mut self.length) > LARGEST {
                self.tell(Garbled::TooLong);
            }
            self.long &= !ends;
        }
    }

    fn tell(&self, garbled: Garbled) {
        // Who answers is gone only where nothing is read any more.
        let _: Result<(), _> = self.garbled.send(garbled);
    }
}

/// Tells whether a line is something, and no JSON.
fn is_garbled(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let json = || {
        let text = std::str::from_utf8(line).ok()?;
        serde_json::from_str::<Read>(text).ok()
    };
    !line.is_empty() && json().is_none()
}

/// Any JSON, read as the library will read it and kept nowhere: what is passed over unread could be half a character, a number
/// that is none, or nested too deep.
struct Read;

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Read {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while members.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Lines<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.passed < this.whole {
                let rest = &this.held[this.passed..this.whole];
                let count = rest.len().min(out.remaining());
                out.put_slice(&rest[..count]);
                this.passed += count;
                return Poll::Ready(Ok(()));
            }
            this.held.drain(..this.whole);
            (this.whole, this.passed) = (0, 0);
            let mut piece = [0; PIECE];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut piece))?;
            if piece.filled().is_empty() {
                // The end. A line without one is no message.
                return Poll::Ready(Ok(()));
            }
            this.take(piece.filled());
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Reads text that comes in pieces of a size; what is passed on, and how many lines were taken out.
    async fn read(text: &str, size: usize) -> (String, usize) {
        let (mut writer, reader) = tokio::io::duplex(size);
        let (mut lines, mut heard) = Lines::of(reader);
        let text = text.to_owned();
        let wrote = tokio::spawn(async move { writer.write_all(text.as_bytes()).await });
        let mut passed = String::new();
        lines.read_to_string(&mut passed).await.unwrap();
        wrote.await.unwrap().unwrap();
        let mut count = 0;
        while heard.try_recv().is_ok() {
            count += 1;
        }
        (passed, count)
    }

    #[tokio::test]
    async fn lines_that_are_no_json_are_taken_out_and_counted_however_they_come() {
        for size in [1, 7, 64 << 10] {
            let text = "{\"a\": 1}\n\nno\n[2]\r\n{\n\"\u{fc}\"\nlast";
            let (passed, count) = read(text, size).await;
            assert_eq!(passed, "{\"a\": 1}\n\n[2]\r\n\"\u{fc}\"\n", "by {size}");
            assert_eq!(count, 2, "by {size}");
        }
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_on_and_the_next_is_looked_at() {
        let long = "x".repeat(LARGEST + 5 * PIECE);
        let (passed, count) = read(&format!("{long}\nno\n1\n"), 64 << 10).await;
        assert!(passed == format!("{long}\n1\n"), "{}", passed.len());
        assert_eq!(count, 2);
    }

    #[tokio::test]
    async fn what_the_library_would_refuse_without_a_word_is_taken_out() {
        let long = format!("[\"{}\"", "x".repeat(2 << 20));
        for line in [
            r#"{"a": "\ud83d"}"#,
            r#"{"\ud800": 1}"#,
            "[1e999]",
            &"9".repeat(400),
            &("[".repeat(130) + &"]".repeat(130)),
            &long,
        ] {
            let (passed, count) = read(&format!("{line}\n1\n"), 64 << 10).await;
            assert_eq!((passed.as_str(), count), ("1\n", 1), "{line:.40}");
        }
    }
}
