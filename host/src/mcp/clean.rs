//! What plugins say of themselves, made safe to show: an assistant must see what a person sees.
//!
//! Hidden characters in a tool's name or description are the usual way to give an assistant orders that nobody reads.

use serde_json::{Map, Value};

/// The longest description of a tool or an argument, in characters. Longer ones cost each conversation its context.
pub(super) const LONGEST_DESCRIPTION: usize = 4096;

/// The longest title, in characters.
pub(super) const LONGEST_TITLE: usize = 128;

/// Returns a text of at most `most` characters without hidden ones; line ends and tabs stay.
pub(super) fn text(text: &str, most: usize) -> String {
    cut(
        text.chars()
            .filter(|c| matches!(c, '\n' | '\t') || !is_hidden(*c)),
        most,
    )
}

/// Returns a text as one line of at most `most` characters: what breaks lines becomes a space, what is hidden goes.
pub(super) fn line(text: &str, most: usize) -> String {
    let visible = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!is_hidden(c)).then_some(c),
    });
    cut(visible, most).trim().to_owned()
}

/// Cleans what a schema says to the reader; what it demands stays as it is.
pub(super) fn schema(schema: &Map<String, Value>) -> Map<String, Value> {
    schema
        .iter()
        .map(|(key, value)| (key.clone(), member(key, value)))
        .collect()
}

fn member(key: &str, value: &Value) -> Value {
    match value {
        Value::String(said) if key == "description" => {
            Value::String(text(said, LONGEST_DESCRIPTION))
        }
        Value::String(said) if key == "title" => Value::String(line(said, LONGEST_TITLE)),
        Value::Object(members) => Value::Object(schema(members)),
        Value::Array(items) => Value::Array(items.iter().map(|item| member("", item)).collect()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn cut(mut visible: impl Iterator<Item = char>, most: usize) -> String {
    let mut text: String = visible.by_ref().take(most).collect();
    if visible.next().is_some() {
        text.pop();
        text.push('…');
    }
    text
}

/// Tells whether a character is drawn as nothing, or changes the order in which others are read.
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        // Controls: they write to terminals.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, grapheme joiner, Arabic letter mark, fillers, vowel separators.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{ffa0}'
        // Zero width, direction marks, line and paragraph separators, embeddings, isolates.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // Variation selectors: bytes can be smuggled in them.
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        // Byte order mark, interlinear annotations, musical format characters, tags.
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go() {
        let hidden = "re\u{200b}ad\u{202e} a\u{e0041}\u{feff} fi\u{1b}[31mle\u{fe0f}";
        assert_eq!(text(hidden, 100), "read a fi[31mle");
        assert_eq!(line(hidden, 100), "read a fi[31mle");
    }

    #[test]
    fn letters_of_every_script_stay() {
        for said in ["naïve café", "日本語", "العربية", "🦀 ok", "a\tb\nc"] {
            assert_eq!(text(said, 100), said);
        }
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line("a\nb\r\nc\u{2028}d ", 100), "a b  c d");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(text("abcdef", 4), "abc…");
        assert_eq!(text("abcd", 4), "abcd");
    }

    #[test]
    fn a_schema_keeps_what_it_demands() {
        let Value::Object(dirty) = serde_json::json!({
            "type": "object",
            "title": "A\nB",
            "properties": { "description": { "description": "x\u{200b}y", "const": "a\u{200b}b" } },
            "anyOf": [{ "description": "\u{202e}z" }],
        }) else {
            panic!("an object")
        };
        let clean = schema(&dirty);
        assert_eq!(clean["title"], "A B");
        assert_eq!(clean["properties"]["description"]["description"], "xy");
        assert_eq!(clean["properties"]["description"]["const"], "a\u{200b}b");
        assert_eq!(clean["anyOf"][0]["description"], "z");
    }
}
