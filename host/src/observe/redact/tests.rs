//! Which forms of a secret are hidden, however a stream is cut.

use std::sync::Arc;

use super::encodings;
use super::finder::Finder;
use super::stream::RedactedStream;
use crate::model::{SecretName, SecretValue};

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
    let mut stream = RedactedStream::of(Some(finder.clone()));
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
            let whole =
                base64::engine::general_purpose::STANDARD.encode(format!("{before}{VALUE}{after}"));
            let said = through(&finder, whole.as_bytes(), 7);
            assert!(said.contains("[secret KEY]"), "{said}");
            assert!(said.len() < "[secret KEY]".len() + 16, "{said}");
        }
    }
}

#[test]
fn a_stream_keeps_nothing_back_that_cannot_become_a_secret() {
    let mut stream = RedactedStream::of(Some(finder_of(&[("KEY", "secret-value-1")])));
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

/// Expects a form to be hidden wherever a stream is cut.
#[track_caller]
fn check(form: &str) {
    check_bytes(form.as_bytes(), |said| said);
}

#[track_caller]
fn check_bytes(form: &[u8], around: impl Fn(String) -> String) {
    let finder = finder_of(&[("KEY", VALUE)]);
    let text = [b"before {".as_slice(), form, b"} after"].concat();
    for size in 1..text.len() {
        assert_eq!(
            around(through(&finder, &text, size)),
            "before {[secret KEY]} after",
            "{} in parts of {size}",
            String::from_utf8_lossy(&text)
        );
    }
}

/// Writes each character of the value in the next of several ways.
fn written(ways: &[fn(char) -> String]) -> String {
    let ways = ways.iter().cycle();
    VALUE.chars().zip(ways).map(|(c, way)| way(c)).collect()
}

const PLAIN: fn(char) -> String = |c| c.to_string();

#[test]
fn a_secret_is_hidden_with_any_of_its_characters_escaped_for_json() {
    let upper: fn(char) -> String = |c| format!("\\u{:04X}", u32::from(c));
    let lower: fn(char) -> String = |c| format!("\\u{:04x}", u32::from(c));
    let twice: fn(char) -> String = |c| format!("\\\\u{:04x}", u32::from(c));
    check(&written(&[upper]));
    check(&written(&[lower, PLAIN, upper]));
    check(&written(&[PLAIN, twice]));
    check(&written(&[|c| format!("\\x{:02x}", u32::from(c))]));
    // As PHP and Go write what they find dangerous in HTML.
    check(r#"p\u0026ss\"w0rd\/+ \u003C9\u003e\\x"#);
    check(r"p\u0026ss\u0022w0rd/\u002B \u003c9\u003e\\x");
}

#[test]
fn a_secret_is_hidden_with_any_of_its_characters_as_html_entities() {
    check(&written(&[|c| format!("&#{};", u32::from(c))]));
    check(&written(&[|c| format!("&#{:03};", u32::from(c)), PLAIN]));
    check(&written(&[|c| format!("&#x{:02x};", u32::from(c))]));
    check(&written(&[PLAIN, |c| format!("&#X{:04X};", u32::from(c))]));
    check(&written(&[|c| format!("&amp;#{};", u32::from(c))]));
    check("p&amp;ss&quot;w0rd&sol;&plus; &lt;9&gt;&bsol;x");
    let finder = finder_of(&[("KEY", "it's+so'secret")]);
    for apostrophe in ["&#039;", "&#39;", "&#x27;", "&apos;", "\\'", "%27"] {
        let text = format!("<{}>", "it's+so'secret".replace('\'', apostrophe));
        assert_eq!(through(&finder, text.as_bytes(), 3), "<[secret KEY]>");
    }
}

#[test]
fn a_secret_is_hidden_percent_encoded_in_either_case_and_in_both() {
    let upper: fn(char) -> String = |c| format!("%{:02X}", u32::from(c));
    let lower: fn(char) -> String = |c| format!("%{:02x}", u32::from(c));
    for ways in [
        &[upper][..],
        &[lower],
        &[upper, lower],
        &[PLAIN, lower, upper],
    ] {
        check(&written(ways));
        check(&written(ways).replace("%20", "+"));
        check(&written(ways).replace('%', "%25"));
    }
    check("p%26ss%22w0rd%2f%2B+%3c9%3E%5cx");
}

#[test]
fn a_secret_is_hidden_in_utf_16_of_either_order() {
    let orders: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
    for order in orders {
        let form: Vec<u8> = VALUE.encode_utf16().flat_map(order).collect();
        check_bytes(&form, |said| said.replace('\0', ""));
    }
}

#[test]
fn a_secret_is_hidden_in_base64_that_is_wrapped_in_lines() {
    use base64::Engine as _;
    let finder = finder_of(&[("KEY", VALUE)]);
    for before in 0..80 {
        let whole = format!("{}{VALUE} and more of it", "-".repeat(before));
        let encoded = base64::engine::general_purpose::STANDARD.encode(whole);
        for end in [
            "\n",
            "\r\n",
            "\n  ",
            "\\n",
            "\\r\\n",
            "%0A",
            "\\n\\t",
            "\\n  ",
            "%0A%20",
            "%0d%0a%09",
        ] {
            for width in [4, 19, 64, 76] {
                let lines: Vec<&str> = (0..encoded.len())
                    .step_by(width)
                    .map(|at| &encoded[at..encoded.len().min(at + width)])
                    .collect();
                let said = through(&finder, lines.join(end).as_bytes(), 5);
                assert_eq!(said.matches("[secret KEY]").count(), 1, "{said}");
                // Nothing is left of it: what cannot be told from its neighbours is one character at each end.
                let left = said.replace(end, "").replace("[secret KEY]", "");
                let rest = encoded.len() - left.len();
                assert!(rest >= VALUE.len() * 4 / 3 - 1, "{said}");
            }
        }
    }
}

#[test]
fn what_looks_like_an_escape_inside_of_a_secret_does_not_save_it() {
    for value in [
        "a%41b%42c%zz",
        "&amp;key&#39;",
        r"\u0041\n\x41\/",
        "\\\\server\\new",
    ] {
        let finder = finder_of(&[("KEY", value)]);
        let json = serde_json::to_string(value).unwrap();
        let url: String = value
            .bytes()
            .flat_map(|b| format!("%{b:02x}").into_bytes())
            .map(char::from)
            .collect();
        let html: String = value
            .bytes()
            .flat_map(|b| format!("&#{b};").into_bytes())
            .map(char::from)
            .collect();
        for form in [value, json.trim_matches('"'), &url, &html] {
            for size in [1, 2, 1000] {
                let said = through(&finder, format!("<{form}>").as_bytes(), size);
                assert_eq!(said, "<[secret KEY]>", "{value} as {form}");
            }
        }
    }
}

#[test]
fn a_line_that_ended_is_not_held_for_what_may_come() {
    let mut stream = RedactedStream::of(Some(finder_of(&[("KEY", "secret-value-1")])));
    assert_eq!(stream.push(b"data: yes\n\n"), b"data: yes\n\n");
    assert_eq!(stream.push(b"\"secre\\n\\nt"), b"\"secre\\n\\nt");
    let folded = stream.push(b"secret-\n");
    assert_eq!(folded, b"");
    assert_eq!(stream.push(b" value-1."), b"[secret KEY].");
}

#[test]
fn what_is_held_stays_small_whatever_comes() {
    let value = "a".repeat(SecretValue::LONGEST - 1) + "b";
    let finder = finder_of(&[("KEY", &value), ("SHORT", "abababab")]);
    for part in [
        "a", "ab", "\\", "&amp;", "%25", "\0", "\n", "a\n", "\\u0061",
    ] {
        let mut stream = RedactedStream::of(Some(finder.clone()));
        let mut told = 0;
        for _ in 0..100_000 {
            told += stream.push(part.as_bytes()).len();
            assert!(stream.held() < 16 * SecretValue::LONGEST, "{part:?}");
        }
        assert!(told > 0 || part == "ab", "{part:?}");
    }
}

#[test]
fn a_secret_is_hidden_with_escapes_of_one_kind_within_those_of_another() {
    let json: fn(char) -> String = |c| format!("\\u{:04x}", u32::from(c));
    let html: fn(char) -> String = |c| format!("&#{};", u32::from(c));
    let url: fn(char) -> String = |c| format!("%{:02X}", u32::from(c));
    let kinds = [json, html, url];
    for inner in kinds {
        for outer in kinds {
            // What begins an escape is escaped itself, and so is every character of it.
            let begins = written(&[inner])
                .replace('&', &outer('&'))
                .replace('%', &outer('%'))
                .replace('\\', &outer('\\'));
            check(&begins);
            check(&written(&[inner]).chars().map(outer).collect::<String>());
        }
    }
}

#[test]
fn a_letter_behind_an_escaped_backslash_is_the_first_of_a_secret() {
    for letter in ["n", "r", "t"] {
        let finder = finder_of(&[("KEY", &format!("{letter}&secret+value"))]);
        for backslash in ["\\", "\\\\", "%5C"] {
            for size in 1..30 {
                let text = format!("C:{backslash}{letter}\\u0026secret%2Bvalue.");
                let said = through(&finder, text.as_bytes(), size);
                assert_eq!(said, format!("C:{backslash}[secret KEY]."), "{text}");
            }
        }
    }
}
