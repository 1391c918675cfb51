//! Server-sent events, as WHATWG's HTML standard defines them.

use super::{Error, Lines};
use std::io::Read;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its `event` field; `message` where it has none.
    pub name: String,
    /// Its `data` lines, joined.
    pub data: String,
}

/// The server-sent events of a body (`text/event-stream`), as they come. Comments, ids and retry times are passed over;
/// an event that the body ends in before its empty line is none.
///
/// ```
/// use paracle_plugin_sdk::http::Events;
///
/// let mut events = Events::new("event: ping\n\ndata: a\ndata: b\n\n".as_bytes(), 100);
/// assert_eq!(events.next().unwrap().unwrap().data, "a\nb");
/// assert!(events.next().is_none());
/// ```
#[derive(Debug)]
pub struct Events<R> {
    lines: Lines<R>,
    most: usize,
    ended: bool,
}

impl<R: Read> Events<R> {
    /// Reads events of at most `most` bytes; a longer one is an error, and the last that comes.
    pub fn new(source: R, most: usize) -> Self {
        Self {
            lines: Lines::new(source, most),
            most,
            ended: false,
        }
    }

    fn event(&mut self) -> Result<Option<Event>, Error> {
        let (mut name, mut data) = (String::new(), None::<String>);
        for line in &mut self.lines {
            let line = line?;
            if line.is_empty() {
                // Without data there is nothing to tell.
                if let Some(data) = data.take() {
                    if name.is_empty() {
                        name.push_str("message");
                    }
                    return Ok(Some(Event { name, data }));
                }
                name.clear();
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match (field, &mut data) {
                ("data", None) => data = Some(value.to_owned()),
                ("data", Some(data)) => {
                    data.push('\n');
                    data.push_str(value);
                    if data.len() > self.most {
                        return Err(Error::TooLong { most: self.most });
                    }
                }
                ("event", _) => value.clone_into(&mut name),
                // A comment, or a field that says nothing here.
                _ => {}
            }
        }
        Ok(None)
    }
}

impl<R: Read> Iterator for Events<R> {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let event = self.event();
        self.ended = !matches!(event, Ok(Some(_)));
        event.transpose()
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]
mod tests {
    use super::super::lines::tests::Pieces;
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event {
            name: name.into(),
            data: data.into(),
        }
    }

    fn events(pieces: Vec<&[u8]>, most: usize) -> Result<Vec<Event>, Error> {
        Events::new(Pieces(pieces), most).collect()
    }

    const STREAM: &str = "\u{feff}: hello\r\n\r\nevent: start\r\ndata: {\"a\":\r\ndata:1}\r\n\r\n\
        data:  two\rid: 7\rretry: 1\rnonsense\r\revent: empty\n\ndata\n\ndata: l\u{e4}ng 😀\n\ndata: unfinished\n";

    #[test]
    fn events_are_the_same_wherever_the_network_cuts_them() {
        let text = STREAM.as_bytes();
        let whole = [
            event("start", "{\"a\":\n1}"),
            event("message", " two"),
            event("message", ""),
            event("message", "läng 😀"),
        ];
        for cut in 0..=text.len() {
            let read = events(vec![&text[..cut], &text[cut..]], 100).unwrap();
            assert_eq!(read, whole, "cut at {cut}");
        }
        assert_eq!(events(text.chunks(1).collect(), 100).unwrap(), whole);
    }

    #[test]
    fn a_stream_that_ends_early_has_no_half_event() {
        let text = STREAM.as_bytes();
        let whole = events(vec![text], 100).unwrap();
        for end in 0..text.len() {
            let read = events(vec![&text[..end]], 100).unwrap();
            assert!(whole.starts_with(&read), "ended at {end}: {read:?}");
        }
    }

    #[test]
    fn an_event_is_read_up_to_a_bound_and_no_further() {
        let long = format!("data: {}\n\n", "x".repeat(2000));
        let too_long = Err(Error::TooLong { most: 1000 });
        assert_eq!(events(vec![long.as_bytes()], 1000), too_long);
        let many = "data: xxxxxxxxxx\n".repeat(200);
        let mut read = Events::new(many.as_bytes(), 1000);
        assert_eq!(read.next(), Some(Err(Error::TooLong { most: 1000 })));
        assert_eq!(read.next(), None);
    }
}
