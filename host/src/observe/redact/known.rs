//! The values of secrets that this process knows.
//!
//! One list a process, because what must not be told may be told by any part of it: a log line, an event, a panic.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use super::finder::Finder;
use super::stream::RedactedStream;
use crate::model::{SecretName, SecretValue};

static KNOWN: RwLock<Known> = RwLock::new(Known {
    names: Vec::new(),
    values: Vec::new(),
    finder: None,
    folding: None,
});

struct Known {
    names: Vec<SecretName>,
    values: Vec<SecretValue>,
    finder: Option<Arc<Finder>>,
    /// The same for what has lost its case.
    folding: Option<Arc<Finder>>,
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
    let finder = Finder::new(secrets.clone()).map(Arc::new);
    let folding = Finder::folding(secrets).map(Arc::new);
    (known.finder, known.folding) = (finder, folding);
}

/// Tells whether a text that has lost its case, such as the name of a header, tells a secret.
pub fn tells(text: &str) -> bool {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let folding = known.folding.clone();
    drop(known);
    folding.is_some_and(|folding| folding.finds(text.to_ascii_lowercase().as_bytes()))
}

/// Hides secrets in a text.
pub fn redact(text: &str) -> Cow<'_, str> {
    match redact_bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        // Forms and marks are ASCII: what was UTF-8 is so afterwards.
        Cow::Owned(hidden) => Cow::Owned(String::from_utf8_lossy(&hidden).into_owned()),
    }
}

/// Hides secrets in bytes.
pub fn redact_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    match finder() {
        Some(finder) if finder.finds(bytes) => {
            let mut stream = RedactedStream::of(Some(finder));
            let mut hidden = stream.push(bytes);
            hidden.extend(stream.end());
            Cow::Owned(hidden)
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
