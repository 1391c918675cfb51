//! JSON Schemas that plugins bring: bounded, never fetched, and checked against.

use std::fmt;

use serde_json::Value;

use super::cost::Cost;
use crate::model::{is_hidden, schema_words};

/// Bounds on a schema: an honest one is far below, and a validator's cost is not.
const DEEPEST: usize = 32;
const LARGEST: usize = 64 << 10;
/// Problems that a person reads at once.
const PROBLEMS: usize = 5;

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is too large.
    #[error("has {0} bytes; {LARGEST} are allowed")]
    TooLarge(usize),
    /// It is nested too deeply.
    #[error("is nested deeper than {DEEPEST} levels")]
    TooDeep,
    /// Checking any value would take too long.
    #[error("applies so many schemas to one value that checking it would not end")]
    Costly,
    /// It applies itself to the value that it is applied to.
    #[error("refers to itself without going into the value, so that it says nothing")]
    Circle,
    /// It refers to something outside of itself.
    #[error("refers to {0:?}; only references inside the schema (`#/…`) are allowed")]
    Outside(String),
    /// It names or demands what nobody can see.
    #[error(
        "has hidden characters in `{0}`; names and demanded values have to be what a person sees"
    )]
    Hidden(String),
    /// It is not a schema.
    #[error("is not a JSON Schema: {0}")]
    Invalid(String),
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ArgumentProblem {
    /// A JSON Pointer (RFC 6901); empty for the whole.
    pub at: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ArgumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.at, self.message)
        }
    }
}

/// A schema, compiled.
#[derive(Debug, Clone)]
pub struct Schema {
    validator: jsonschema::Validator,
    cost: Cost,
}

impl Schema {
    /// Compiles a schema of draft 2020-12.
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        let size = schema.to_string().len();
        if size > LARGEST {
            return Err(SchemaError::TooLarge(size));
        }
        check(schema, 0, Part::Demand)?;
        let cost = Cost::of(schema)?;
        jsonschema::draft202012::options()
            .build(schema)
            .map(|validator| Self { validator, cost })
            .map_err(|error| SchemaError::Invalid(error.to_string()))
    }

    /// Checks a value.
    pub fn check(&self, value: &Value) -> Result<(), Vec<ArgumentProblem>> {
        if !self.cost.allows(value) {
            return Err(vec![ArgumentProblem {
                at: String::new(),
                message: "too large or too deeply nested to be checked; make it smaller".to_owned(),
            }]);
        }
        let problems: Vec<_> = self
            .validator
            .iter_errors(value)
            .take(PROBLEMS)
            .map(|error| ArgumentProblem {
                at: error.instance_path().to_string(),
                message: error.to_string(),
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

/// What a value is inside of a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A schema, or the value of a keyword that demands something.
    Demand,
    /// A map whose keys are names.
    Names,
    /// A value for the reader: what shows it cleans it.
    Said,
}

fn check(value: &Value, depth: usize, part: Part) -> Result<(), SchemaError> {
    if depth > DEEPEST {
        return Err(SchemaError::TooDeep);
    }
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            check_visible(name, &[])?;
            if part == Part::Demand
                && let ("$ref" | "$dynamicRef" | "$schema" | "$id", Value::String(target)) =
                    (name.as_str(), member)
                && !is_inside(name, target)
            {
                return Err(SchemaError::Outside(target.chars().take(80).collect()));
            }
            let inner = match part {
                Part::Said => Part::Said,
                Part::Demand if schema_words::says(name) => Part::Said,
                Part::Demand if schema_words::names(name) => Part::Names,
                Part::Demand | Part::Names => Part::Demand,
            };
            check(member, depth + 1, inner)
        }),
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| check(item, depth + 1, part)),
        Value::String(text) if part == Part::Demand => check_visible(text, &['\n', '\t']),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Refuses a name or a demanded text that is not what a person sees: it cannot be cleaned without becoming another.
fn check_visible(text: &str, except: &[char]) -> Result<(), SchemaError> {
    if text.chars().any(|c| is_hidden(c) && !except.contains(&c)) {
        let shown: String = text
            .chars()
            .take(80)
            .flat_map(char::escape_default)
            .collect();
        return Err(SchemaError::Hidden(shown));
    }
    Ok(())
}

/// Tells whether a reference stays inside its schema; `$schema` may name the draft, and nothing else.
fn is_inside(keyword: &str, target: &str) -> bool {
    match keyword {
        "$schema" => target == "https://json-schema.org/draft/2020-12/schema",
        _ => target.starts_with('#'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_reaches_nothing_outside_of_itself() {
        for schema in [
            json!({"$ref": "http://127.0.0.1/x"}),
            json!({"properties": {"a": {"$ref": "file:///etc/passwd"}}}),
            json!({"$schema": "http://example.com/own"}),
            json!({"$id": "http://example.com/", "$ref": "#/x"}),
        ] {
            assert!(
                matches!(Schema::compile(&schema), Err(SchemaError::Outside(_))),
                "{schema}"
            );
        }
        assert!(Schema::compile(&json!({"$ref": "#/$defs/a", "$defs": {"a": {}}})).is_ok());
    }

    #[test]
    fn a_schema_that_demands_what_nobody_sees_is_refused() {
        for schema in [
            json!({"properties": {"pa\u{200b}th": {}}}),
            json!({"properties": {"default": {"const": "a\u{202e}"}}}),
            json!({"properties": {"a": {"enum": ["b", "c\u{e0041}"]}}}),
            json!({"required": ["a\u{feff}"]}),
            json!({"$defs": {"a\u{1b}": true}}),
            json!({"patternProperties": {"^\u{2066}": {}}}),
            json!({"default": {"a\u{200b}": 1}}),
        ] {
            assert!(
                matches!(Schema::compile(&schema), Err(SchemaError::Hidden(_))),
                "{schema}"
            );
        }
        for schema in [
            json!({"description": "a\u{200b}", "default": "b\u{200b}", "examples": [{"c": "\u{feff}"}], "$comment": "\u{ad}"}),
            json!({"const": "two\nlines"}),
            json!({"properties": {"größe": {"enum": ["日本語", "العربية"]}}}),
            json!({"properties": {"$ref": {"type": "string"}}}),
        ] {
            assert!(Schema::compile(&schema).is_ok(), "{schema}");
        }
    }

    #[test]
    fn a_schema_is_bounded() {
        let deep = (0..100).fold(json!({}), |inner, _| json!({"properties": {"a": inner}}));
        assert_eq!(Schema::compile(&deep).err(), Some(SchemaError::TooDeep));
        let wide = json!({"enum": (0..20_000).map(|n| format!("value{n}")).collect::<Vec<_>>()});
        assert!(matches!(
            Schema::compile(&wide),
            Err(SchemaError::TooLarge(_))
        ));
    }

    #[test]
    fn a_problem_names_the_place() {
        let schema = Schema::compile(&json!({
            "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]
        }))
        .unwrap();
        assert_eq!(schema.check(&json!({"n": 1})), Ok(()));
        let problems = schema.check(&json!({"n": "x"})).unwrap_err();
        assert_eq!(problems[0].at, "/n");
        assert_eq!(schema.check(&json!({})).unwrap_err().len(), 1);
    }
}
