//! From a person's words to a tool's arguments.

use std::io::Read as _;

use serde_json::{Map, Value};

use crate::exit::Failure;

/// More than any tool takes; a larger input is a mistake.
const LARGEST: u64 = 64 << 20;

/// Reads all arguments from one JSON text, standard input (`-`) or a file (`@FILE`).
pub(super) fn from_json(text: &str) -> Result<Value, Failure> {
    let (whence, text) = match (text, text.strip_prefix('@')) {
        ("-", _) => (
            "standard input".to_owned(),
            read("standard input", std::io::stdin().lock())?,
        ),
        (_, Some(path)) => {
            #[expect(
                clippy::disallowed_methods,
                reason = "the person who calls names the file"
            )]
            let file = std::fs::File::open(path).map_err(|error| {
                Failure::usage(format!("cannot read the arguments from {path}: {error}"))
            })?;
            (path.to_owned(), read(path, file)?)
        }
        (text, None) => ("--args".to_owned(), text.to_owned()),
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(arguments)) => Ok(Value::Object(arguments)),
        Ok(_) => Err(Failure::usage(format!(
            "the arguments from {whence} are JSON, but no object: write `{{\"KEY\": VALUE}}`"
        ))),
        Err(error) => Err(Failure::usage(format!(
            "the arguments from {whence} are not JSON: {error}"
        ))),
    }
}

fn read(whence: &str, from: impl std::io::Read) -> Result<String, Failure> {
    let mut text = String::new();
    let read = from.take(LARGEST).read_to_string(&mut text);
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(format!(
            "cannot read the arguments from {whence}: {error}"
        ))),
    }
}

/// Reads `KEY=VALUE` by a tool's schema, and `KEY:=JSON` as it is.
pub(super) fn from_pairs(pairs: &[String], schema: Option<&Value>) -> Result<Value, Failure> {
    let mut arguments = Map::new();
    for pair in pairs {
        let (key, text) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "argument {pair:?} has no `=`: write KEY=VALUE, or all of them by --args JSON"
            ))
        })?;
        let (key, value) = match key.strip_suffix(':') {
            Some(key) => (key, json(key, text)?),
            None => (key, by_schema(key, text, schema)?),
        };
        if key.is_empty() {
            return Err(Failure::usage(format!(
                "argument {pair:?} has no name before its `=`"
            )));
        }
        if arguments.insert(key.to_owned(), value).is_some() {
            return Err(Failure::usage(format!(
                "argument {key} is given twice: keep one"
            )));
        }
    }
    Ok(Value::Object(arguments))
}

fn by_schema(key: &str, text: &str, schema: Option<&Value>) -> Result<Value, Failure> {
    let property = schema.and_then(|schema| resolved(schema, schema.get("properties")?.get(key)?));
    match property.map(|property| takes_text(schema, property)) {
        Some(Some(true)) => Ok(Value::String(text.to_owned())),
        Some(Some(false)) => json(key, text),
        // The schema does not say: what reads as JSON is JSON.
        Some(None) | None => {
            Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
        }
    }
}

fn json(key: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::usage(format!(
            "argument {key} is no text but JSON, and {text:?} cannot be read as JSON: {error}"
        ))
    })
}

/// Tells whether a property takes text; none where its schema does not say.
fn takes_text(schema: Option<&Value>, property: &Value) -> Option<bool> {
    let any = ["anyOf", "oneOf"]
        .iter()
        .find_map(|key| property.get(key)?.as_array());
    if let (Some(any), Some(schema)) = (any, schema) {
        return any
            .iter()
            .filter_map(|one| takes_text(None, resolved(schema, one)?))
            .reduce(|a, b| a || b);
    }
    match property.get("type") {
        Some(Value::String(one)) => Some(one == "string"),
        Some(Value::Array(several)) => Some(several.iter().any(|one| one == "string")),
        _ => Some(
            property
                .get("enum")?
                .as_array()?
                .iter()
                .any(Value::is_string),
        ),
    }
}

/// Follows one reference inside a schema.
fn resolved<'a>(schema: &'a Value, property: &'a Value) -> Option<&'a Value> {
    match property.get("$ref").and_then(Value::as_str) {
        Some(target) => schema.pointer(target.strip_prefix('#')?),
        None => Some(property),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(pairs: &[&str]) -> Result<Value, String> {
        let schema = json!({
            "properties": {
                "text": {"type": "string"}, "maybe": {"type": ["string", "null"]}, "count": {"type": "integer"},
                "mode": {"$ref": "#/$defs/mode"}, "either": {"anyOf": [{"$ref": "#/$defs/mode"}, {"type": "null"}]},
            },
            "$defs": {"mode": {"enum": ["1", "2"]}}
        });
        let pairs: Vec<String> = pairs.iter().map(ToString::to_string).collect();
        from_pairs(&pairs, Some(&schema)).map_err(|failure| failure.message().into_owned())
    }

    #[test]
    fn text_stays_text_and_the_rest_is_json() {
        assert_eq!(
            read(&[
                "text=1=2",
                "maybe=null",
                "count=3",
                "mode=1",
                "either=2",
                "other=[4]",
                "free=x y",
                "text2:=\"5\""
            ]),
            Ok(json!({
                "text": "1=2", "maybe": "null", "count": 3, "mode": "1", "either": "2", "other": [4], "free": "x y",
                "text2": "5"
            }))
        );
    }

    #[test]
    fn a_bad_pair_is_named() {
        for (pair, part) in [
            ("text", "has no `=`"),
            ("count=x", "count is no text"),
            ("=x", "no name"),
            ("a:=", "a is no text"),
        ] {
            assert!(
                read(&[pair]).is_err_and(|message| message.contains(part)),
                "{pair}"
            );
        }
        assert!(read(&["a=1", "a=2"]).is_err_and(|message| message.contains("twice")));
    }
}
