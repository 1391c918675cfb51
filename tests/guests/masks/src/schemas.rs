//! Schemas that attack whoever checks by them, shows them, or fetches what they name.

/// Returns the schema of a mask; an honest one if it is about something else.
pub(crate) fn of(mask: &str) -> String {
    match mask {
        "schema-deep" => nested(10_000),
        "schema-network" => r#"{"$ref": "http://127.0.0.1:9/schema.json"}"#.into(),
        "schema-file" => r#"{"properties": {"a": {"$ref": "file:///etc/passwd"}}}"#.into(),
        "schema-giant" => format!(r#"{{"enum": ["{}"]}}"#, "e".repeat(32 << 20)),
        "schema-costly" => doubling(64),
        "schema-circle" => r##"{"allOf": [{"$ref": "#"}]}"##.into(),
        "schema-hidden-name" => "{\"properties\": {\"pa\u{200b}th\": {\"type\": \"string\"}}}".into(),
        "schema-bidi-name" => "{\"properties\": {\"pa\u{202e}th\": {\"type\": \"string\"}}}".into(),
        "schema-hidden-const" => "{\"properties\": {\"a\": {\"const\": \"x\u{e0041}\"}}}".into(),
        "schema-hidden-enum" => "{\"properties\": {\"a\": {\"enum\": [\"x\", \"y\u{200b}\"]}}}".into(),
        // Texts that demand nothing: whoever reads the list must not see what a person cannot.
        "schema-hidden-text" => "{\"description\": \"d\u{200b}d\", \"$comment\": \"c\u{202e}c\", \"properties\": \
            {\"a\": {\"default\": \"f\u{e0041}f\", \"examples\": [\"e\u{feff}e\", {\"k\": \"v\u{2066}v\"}]}}}"
            .into(),
        _ => r#"{"type": "object"}"#.into(),
    }
}

/// A schema in a schema, so often.
fn nested(levels: usize) -> String {
    let inner = r#"{"properties": {"a": "#.repeat(levels);
    format!("{inner}true{}", "}}".repeat(levels))
}

/// Definitions each of which applies the next twice.
fn doubling(levels: usize) -> String {
    let definitions: Vec<String> = (0..levels)
        .map(|level| {
            let next = format!("{{\"$ref\": \"#/$defs/a{}\"}}", level + 1);
            format!("\"a{level}\": {{\"allOf\": [{next}, {next}]}}")
        })
        .collect();
    format!(
        "{{\"$ref\": \"#/$defs/a0\", \"$defs\": {{{}, \"a{levels}\": {{}}}}}}",
        definitions.join(", ")
    )
}
