//! The forms that a secret's value takes on its way back.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::plain;

/// A form shorter than this would hide ordinary text.
const SHORTEST: usize = 6;

/// Returns a value's forms: as it is, in base64 wherever it stands in what was encoded, in hex, and as encoders escape all of
/// it for URLs, JSON and HTML; and how the first three are read plainly, with whatever escapes and line breaks.
pub(super) fn of(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_owned()];
    forms.extend([hex(value, true), hex(value, false)]);
    for engine in [&STANDARD, &URL_SAFE] {
        forms.push(engine.encode(value));
    }
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(value));
        for offset in 0..3 {
            forms.push(inside(engine, value, offset));
        }
    }
    let plain: Vec<Vec<u8>> = forms
        .iter()
        .map(|form| plain::whole(form.as_bytes()))
        .collect();
    for upper in [true, false] {
        for keep in [
            // `encodeURIComponent`, RFC 3986, forms (a blank is `+`), and everything.
            (|b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b)) as fn(u8) -> bool,
            |b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b),
            |b| b.is_ascii_alphanumeric() || b"-_.*".contains(&b),
            |b| b.is_ascii_alphanumeric(),
            |_| false,
        ] {
            let encoded = percent(value, keep, upper);
            forms.push(encoded.replace("%20", "+"));
            forms.push(encoded);
        }
    }
    // For a value that looks like escapes itself, of which little is left once all are undone.
    let entities: Vec<String> = value.bytes().map(|b| format!("&#{b};")).collect();
    forms.push(entities.concat());
    let json = value.replace('\\', "\\\\").replace('"', "\\\"");
    forms.push(json.replace('/', "\\/"));
    // JSON inside of JSON, and Rust's `Debug` of a text.
    forms.push(json.replace('\\', "\\\\").replace('"', "\\\""));
    forms.push(json);
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    for (quote, apostrophe) in [
        ("&quot;", "&#39;"),
        ("&#34;", "&#39;"),
        ("&quot;", "&#x27;"),
        ("\"", "'"),
    ] {
        forms.push(html.replace('"', quote).replace('\'', apostrophe));
    }
    let mut forms: Vec<Vec<u8>> = forms.into_iter().map(String::into_bytes).collect();
    forms.retain(|form| form.len() >= SHORTEST);
    // A value that is full of escapes itself is shorter without them.
    forms.extend(plain.into_iter().filter(|form| form.len() >= SHORTEST - 1));
    forms
}

/// Returns what base64 makes of a value that stands behind others, without the characters that depend on its neighbours.
fn inside(engine: &impl base64::Engine, value: &str, offset: usize) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(value.as_bytes());
    let encoded = engine.encode(&bytes);
    let first = (offset * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    encoded[first..last].to_owned()
}

fn hex(value: &str, upper: bool) -> String {
    value
        .bytes()
        .map(|b| {
            if upper {
                format!("{b:02X}")
            } else {
                format!("{b:02x}")
            }
        })
        .collect()
}

fn percent(value: &str, keep: fn(u8) -> bool, upper: bool) -> String {
    value
        .bytes()
        .map(|b| match (keep(b), upper) {
            (true, _) => char::from(b).to_string(),
            (false, true) => format!("%{b:02X}"),
            (false, false) => format!("%{b:02x}"),
        })
        .collect()
}
