//! What a plugin says of itself: refused in one bounded sentence, or clean, and the same when it is kept and read again.

use paracle_host::model::is_hidden;
use paracle_host::registry::Schema;
use paracle_host::sandbox::{Description, SaidMetadata, SaidTool, metadata_said};
use serde_json::{Value, json};

/// The longest refusal: it is shown on one line.
const LONGEST: usize = 2000;

/// Reads the bytes as lines: name, version, description, author, licence, contract, schema of the configuration (`-` for
/// none), a dependency (`-`, or a name and a version), and four lines a tool: name, description, arguments, result.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let optional = |line: String| (line != "-").then_some(line);
    let mut said = SaidMetadata {
        name: next(),
        version: next(),
        texts: [next(), next(), next()],
        paracle_version: next(),
        config_schema: optional(next()),
        ..SaidMetadata::default()
    };
    let dependency = optional(next());
    said.dependencies = dependency
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect();
    for _ in 0..4 {
        let tool = SaidTool {
            name: next(),
            description: next(),
            parameters: next(),
            returns: optional(next()),
        };
        if tool.parameters.is_empty() {
            break;
        }
        said.tools.push(tool);
    }
    match metadata_said(said) {
        Ok(description) => check_description(&description),
        Err(error) => assert!(
            error.len() < LONGEST && !error.is_empty(),
            "{} bytes",
            error.len()
        ),
    }
}

fn check_description(description: &Description) {
    let kept = serde_json::to_string(description).expect("a description is JSON");
    let again: Description = serde_json::from_str(&kept).expect("what was kept is read");
    assert_eq!(*description, again);
    let info = &description.info;
    assert_eq!(info.name.as_str().parse(), Ok(info.name.clone()));
    assert!(!info.name.as_str().chars().any(is_hidden));
    if let Some(schema) = &info.config_schema {
        check_schema(schema);
    }
    for tool in &description.tools {
        assert!(!tool.name.as_str().chars().any(is_hidden));
        check_schema(&tool.parameters);
        tool.returns.iter().for_each(check_schema);
    }
}

/// A schema is refused, or checks any value, in the end.
fn check_schema(schema: &Value) {
    match Schema::compile(schema) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(compiled) => {
            let deep = (0..50).fold(json!(1), |inner, _| json!({ "a": [inner] }));
            for value in [
                json!({}),
                json!({"a": "b", "path": 1}),
                deep,
                schema.clone(),
            ] {
                if let Err(problems) = compiled.check(&value) {
                    assert!(!problems.is_empty());
                }
            }
        }
    }
}
