//! JSON Schemas that plugins bring: bounded, never fetched, and checked against.

use std::fmt;

use serde_json::Value;

use super::cost::Cost;

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
#[derive(Debug)]
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
        check(schema, 0)?;
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

fn check(value: &Value, depth: usize) -> Result<(), SchemaError> {
    if depth > DEEPEST {
        return Err(SchemaError::TooDeep);
    }
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            if let ("$ref" | "$dynamicRef" | "$schema" | "$id", Value::String(target)) =
                (name.as_str(), member)
                && !is_inside(name, target)
            {
                return Err(SchemaError::Outside(target.chars().take(80).collect()));
            }
            check(member, depth + 1)
        }),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
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
