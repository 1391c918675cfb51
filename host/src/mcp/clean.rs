//! What plugins say of themselves, made safe to show: an assistant must see what a person sees.
//!
//! Hidden characters in a tool's name or description are the usual way to give an assistant orders that nobody reads.

use serde_json::{Map, Value};

use crate::model::{is_hidden, schema_words};

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

/// Cleans what a schema says to the reader; what it demands stays as it is, and has nothing hidden where it was loaded.
pub(super) fn schema(schema: &Map<String, Value>) -> Map<String, Value> {
    schema
        .iter()
        .map(|(keyword, value)| (keyword.clone(), member(keyword, value)))
        .collect()
}

fn member(keyword: &str, value: &Value) -> Value {
    match value {
        Value::String(said) if keyword == "title" => Value::String(line(said, LONGEST_TITLE)),
        value if schema_words::says(keyword) => said(value),
        // What is a keyword elsewhere is a name here, such as that of an argument.
        Value::Object(named) if schema_words::names(keyword) => Value::Object(
            named
                .iter()
                .map(|(name, value)| (name.clone(), member("", value)))
                .collect(),
        ),
        Value::Object(members) => Value::Object(schema(members)),
        Value::Array(items) => Value::Array(items.iter().map(|item| member("", item)).collect()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Cleans every text of a value that demands nothing.
fn said(value: &Value) -> Value {
    match value {
        Value::String(said) => Value::String(text(said, LONGEST_DESCRIPTION)),
        Value::Array(items) => Value::Array(items.iter().map(said).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), said(value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
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
            "$comment": "c\u{200b}c",
            "properties": {
                "description": { "description": "x\u{200b}y", "const": "a  b" },
                "default": { "const": "k".repeat(5000), "default": "f\u{200b}f", "examples": ["e\u{feff}e", { "k": "v\u{2066}v" }] },
            },
            "anyOf": [{ "description": "\u{202e}z" }],
        }) else {
            panic!("an object")
        };
        let clean = schema(&dirty);
        assert_eq!(clean["title"], "A B");
        assert_eq!(clean["properties"]["description"]["description"], "xy");
        assert_eq!(clean["properties"]["description"]["const"], "a  b");
        assert_eq!(clean["$comment"], "cc");
        let of_default = &clean["properties"]["default"];
        assert_eq!(of_default["const"], "k".repeat(5000));
        assert_eq!(of_default["default"], "ff");
        assert_eq!(
            of_default["examples"],
            serde_json::json!(["ee", { "k": "vv" }])
        );
        assert_eq!(clean["anyOf"][0]["description"], "z");
    }
}
