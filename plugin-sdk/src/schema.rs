//! JSON Schema of a Rust type, as a caller of tools wants to read it.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// Which side of serde a schema describes.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    /// What is read: arguments and configuration.
    In,
    /// What is written: results.
    Out,
}

/// Returns the schema of `T` (2020-12) with everything inline, and the type's doc comment.
///
/// Inline because some clients do not follow `$ref`; without the title because a Rust type's name tells a model
/// nothing; the doc comment apart because a tool has a description of its own.
pub(crate) fn of<T: JsonSchema>(side: Side) -> (Value, Option<String>) {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    if let Side::Out = side {
        settings = settings.for_serialize();
    }
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    tidy(schema.ensure_object());
    let description = match schema.remove("description") {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    (schema.to_value(), description)
}

/// Drops what only Rust programmers read from a schema: names of number types, and line breaks of doc comments.
///
/// Some model providers refuse a schema with a `format` that they do not know, such as `uint8`.
fn tidy(schema: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = unwrap_lines(text);
    }
    let number = |format: &Value| {
        let name = format.as_str().unwrap_or_default();
        ["uint", "int", "float", "double"]
            .iter()
            .any(|kind| name.starts_with(kind))
    };
    if schema.get("format").is_some_and(number) {
        schema.remove("format");
    }
    for (key, value) in schema {
        match (key.as_str(), value) {
            // Values, not schemas.
            ("default" | "const" | "enum" | "examples", _) => {}
            // A property may be called `description` or `format`.
            ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                schemas
                    .values_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(tidy);
            }
            (_, Value::Object(inner)) => tidy(inner),
            (_, Value::Array(all)) => all
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .for_each(tidy),
            _ => {}
        }
    }
}

/// Joins the lines of a paragraph, as Markdown does; lists, tables and code keep theirs.
fn unwrap_lines(text: &str) -> String {
    let own_line =
        |line: &str| line.is_empty() || line.starts_with([' ', '-', '*', '|', '`', '#', '>']);
    let mut joined = String::new();
    let mut last = "";
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            joined.push(
                if own_line(line) || last.is_empty() || last.starts_with('|') {
                    '\n'
                } else {
                    ' '
                },
            );
        }
        joined.push_str(line);
        last = line;
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A pair, of
    /// two.
    ///
    /// - not three
    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Pair {
        /// The first.
        one: Inner,
        #[serde(default)]
        two: u8,
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        text: Option<String>,
    }

    #[test]
    fn is_inline_and_says_what_is_required() {
        let (schema, description) = of::<Pair>(Side::In);
        assert_eq!(
            description.as_deref(),
            Some("A pair, of two.\n\n- not three")
        );
        assert_eq!(schema["required"], json!(["one"]));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["properties"]["one"]["description"], "The first.");
        assert_eq!(schema["properties"]["two"]["default"], 0);
        assert_eq!(schema["properties"]["two"]["maximum"], 255);
        let text = schema.to_string();
        assert!(!text.contains("format"), "{text}");
        assert!(!text.contains("$ref") && !text.contains("title"), "{text}");
    }
}
