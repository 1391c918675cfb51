//! Hiding secrets in a stream, also where one is cut into several parts.

use std::sync::Arc;

use super::redact::{Finder, finder};

/// Hides secrets in what is pushed through it, part by part. Nothing is kept back but what may be the beginning of one.
#[derive(Debug)]
pub struct RedactedStream {
    finder: Option<Arc<Finder>>,
    rest: Vec<u8>,
}

impl RedactedStream {
    /// Makes a stream that hides what this process knows by now.
    pub fn new() -> Self {
        Self {
            finder: finder(),
            rest: Vec::new(),
        }
    }

    /// Takes the next part and returns what can be told of it and of the parts before.
    pub fn push(&mut self, part: &[u8]) -> Vec<u8> {
        match &self.finder {
            Some(finder) => finder.push(&mut self.rest, part, false),
            None => part.to_vec(),
        }
    }

    /// Returns what is left at the end.
    pub fn end(&mut self) -> Vec<u8> {
        match &self.finder {
            Some(finder) => finder.push(&mut self.rest, &[], true),
            None => Vec::new(),
        }
    }
}

impl Default for RedactedStream {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SecretName, SecretValue};
    use crate::observe::encodings;

    const VALUE: &str = r#"p&ss"w0rd/+ <9>\x"#;

    fn finder_of(secrets: &[(&str, &str)]) -> Arc<Finder> {
        let secrets: Vec<(SecretName, SecretValue)> = secrets
            .iter()
            .map(|(name, value)| {
                let value = SecretValue::new(value).unwrap();
                (name.parse().unwrap(), value)
            })
            .collect();
        let pairs = secrets.iter().map(|(name, value)| (name, value));
        Arc::new(Finder::new(pairs).unwrap())
    }

    /// Pushes a text in parts of a size.
    fn through(finder: &Arc<Finder>, text: &[u8], size: usize) -> String {
        let mut stream = RedactedStream {
            finder: Some(finder.clone()),
            rest: Vec::new(),
        };
        let mut out = Vec::new();
        for part in text.chunks(size) {
            out.extend(stream.push(part));
        }
        out.extend(stream.end());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_form_is_hidden_however_the_stream_is_cut() {
        let finder = finder_of(&[("KEY", VALUE), ("OTHER", "another-value")]);
        for form in encodings::of(VALUE) {
            let text = [b"before {".as_slice(), &form, b"} another-value! after"].concat();
            for size in 1..text.len() {
                assert_eq!(
                    through(&finder, &text, size),
                    "before {[secret KEY]} [secret OTHER]! after",
                    "{} in parts of {size}",
                    String::from_utf8_lossy(&text)
                );
            }
        }
    }

    #[test]
    fn what_base64_makes_of_a_header_with_a_secret_does_not_tell_it() {
        use base64::Engine as _;
        let finder = finder_of(&[("KEY", VALUE)]);
        for before in ["", "a", "ab", "user:"] {
            for after in ["", "x", "xy", "xyz"] {
                let whole = base64::engine::general_purpose::STANDARD
                    .encode(format!("{before}{VALUE}{after}"));
                let said = through(&finder, whole.as_bytes(), 7);
                assert!(said.contains("[secret KEY]"), "{said}");
                assert!(said.len() < "[secret KEY]".len() + 16, "{said}");
            }
        }
    }

    #[test]
    fn a_stream_keeps_nothing_back_that_cannot_become_a_secret() {
        let mut stream = RedactedStream {
            finder: Some(finder_of(&[("KEY", "secret-value-1")])),
            rest: Vec::new(),
        };
        assert_eq!(stream.push(b"data: hello\n\n"), b"data: hello\n\n");
        assert_eq!(stream.push(b"data: secret-val"), b"data: ");
        assert_eq!(stream.push(b"id\n"), b"secret-valid\n");
        assert_eq!(stream.push(b"secret-value-"), b"");
        assert_eq!(stream.push(b"1"), b"[secret KEY]");
        assert_eq!(stream.end(), b"");
    }

    #[test]
    fn of_two_secrets_the_longer_one_is_hidden_whole() {
        let finder = finder_of(&[("SHORT", "12345678"), ("LONG", "12345678-9abc")]);
        for size in 1..20 {
            assert_eq!(
                through(&finder, b"12345678-9abc 12345678-9", size),
                "[secret LONG] [secret SHORT]-9"
            );
        }
    }
}
