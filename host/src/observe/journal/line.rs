//! One record as one line: bounded, chained to the line before, and authenticated.

use serde::Serialize;
use serde_json::Value;

use super::JournalError;
use crate::model::{AuditRecord, Digest, Mac, PurposeKey, UserKey};

/// The longest text in a record, in bytes; the rest is cut.
const LONGEST_TEXT: usize = 512;

/// No record is longer, in bytes: what is, was written by nobody we know.
pub(super) const LONGEST_LINE: usize = 32 << 10;

const MAC: &str = ",\"mac\":\"";

/// What the key is used for here.
const LINES: &str = "paracle-host 2026 audit record";
const ANCHORS: &str = "paracle-host 2026 audit anchor";
const CLAIMS: &str = "paracle-host 2026 audit claim";

/// The keys that say who wrote a record, an anchor, or a commit's word.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) lines: PurposeKey,
    pub(super) anchors: PurposeKey,
    pub(super) claims: PurposeKey,
    /// A name of the key.
    pub(super) id: String,
}

impl Keys {
    pub(super) fn of(key: &UserKey) -> Self {
        let lines = key.purpose(LINES);
        Self {
            id: lines.id(),
            anchors: key.purpose(ANCHORS),
            claims: key.purpose(CLAIMS),
            lines,
        }
    }
}

/// A record that the next one is chained to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its number, from 1.
    pub seq: u64,
    /// The hash of its line, without the line's end.
    pub hash: Digest,
}

/// Writes a record as a line, chained to the one before; the line's end is not part of it.
pub(super) fn write(
    record: &AuditRecord,
    before: Option<Head>,
    keys: Option<&Keys>,
) -> Result<(String, Head), JournalError> {
    #[derive(Serialize)]
    struct Written<'a> {
        seq: u64,
        time: String,
        #[serde(flatten)]
        record: &'a AuditRecord,
        prev: Option<Digest>,
    }
    let seq = before.map_or(1, |head| head.seq.saturating_add(1));
    let time = i64::try_from(record.time)
        .ok()
        .and_then(|time| jiff::Timestamp::from_millisecond(time).ok())
        .unwrap_or_default();
    let written = Written {
        seq,
        // Always with milliseconds, so that lines sort as they read.
        time: format!("{time:.3}"),
        record,
        prev: before.map(|head| head.hash),
    };
    let failed = |source| JournalError::Record { source };
    let mut value = serde_json::to_value(&written).map_err(failed)?;
    cut(&mut value);
    let mut line = serde_json::to_string(&value).map_err(failed)?;
    if let Some(keys) = keys {
        line.pop();
        let mac = keys.lines.mac(&[line.as_bytes()]);
        line.push_str(MAC);
        line.push_str(&keys.id);
        line.push(':');
        line.push_str(&mac.to_string());
        line.push_str("\"}");
    }
    let hash = Digest::of(line.as_bytes());
    Ok((line, Head { seq, hash }))
}

/// Who wrote a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    /// Somebody with the key, and the line is as it was written.
    Us,
    /// It names the key, and is not what somebody with the key wrote.
    Nobody,
    /// It names another key.
    Other(String),
    /// It names no key.
    Unsigned,
}

/// A line as it is read back.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) value: Value,
    pub(super) seq: u64,
    /// As text; none in the first record.
    pub(super) prev: Option<String>,
}

impl Line {
    /// Reads a line; none if it is no record.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let seq = value.get("seq")?.as_u64()?;
        let prev = match value.get("prev")? {
            Value::Null => None,
            Value::String(prev) => Some(prev.clone()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(Self { value, seq, prev })
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.value.get(key)?.as_str()
    }
}

/// Tells who wrote a line's bytes.
pub(super) fn author(bytes: &[u8], keys: &Keys) -> Author {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Author::Nobody;
    };
    // A quote inside of a text is escaped: the last such sequence is the field itself.
    let Some((signed, rest)) = text.rsplit_once(MAC) else {
        return Author::Unsigned;
    };
    match rest.strip_suffix("\"}").and_then(|mac| mac.split_once(':')) {
        Some((id, _)) if id != keys.id => Author::Other(id.chars().take(16).collect()),
        Some((_, mac)) if Mac::from_hex(mac) == Some(keys.lines.mac(&[signed.as_bytes()])) => {
            Author::Us
        }
        Some(_) | None => Author::Nobody,
    }
}

/// Cuts long texts, wherever they are.
fn cut(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST_TEXT => {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
            text.push('…');
        }
        Value::Array(values) => values.iter_mut().for_each(cut),
        Value::Object(fields) => fields.values_mut().for_each(cut),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
