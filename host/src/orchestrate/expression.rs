//! `{{ … }}` in a workflow's file.

use std::collections::BTreeSet;

use minijinja::{Environment, Error, UndefinedBehavior};
use serde_json::Value;

/// What one expression may take, in the steps of its evaluator: a file that loops is no honest one.
const FUEL: u64 = 100_000;

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

/// Returns what stands between the braces where a text is one expression and nothing else, so that its value keeps its type.
fn sole(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then(|| inner.trim())
}

/// Returns the value of an expression without braces, or with them.
pub(super) fn evaluate(expression: &str, context: &Value) -> Result<Value, String> {
    let environment = environment();
    let inner = sole(expression).unwrap_or(expression.trim());
    let value = environment
        .compile_expression(inner)
        .and_then(|compiled| compiled.eval(context))
        .map_err(|error| told(&error, expression))?;
    if value.is_undefined() {
        return Err(format!("`{inner}` is not defined"));
    }
    serde_json::to_value(&value).map_err(|error| format!("`{inner}`: {error}"))
}

/// Returns a value whose texts' expressions are evaluated.
pub(super) fn resolve(value: &Value, context: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) if !text.contains("{{") && !text.contains("{%") => value.clone(),
        Value::String(text) => match sole(text) {
            Some(_) => evaluate(text, context)?,
            None => environment()
                .render_str(text, context)
                .map(Value::String)
                .map_err(|error| told(&error, text))?,
        },
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| resolve(item, context))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), resolve(value, context)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

/// Lists the names that a value's texts use, such as `steps.fix.outputs.patch`; or says why a text is no expression.
pub(super) fn names(value: &Value, found: &mut BTreeSet<String>) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains("{{") || text.contains("{%") => {
            let environment = environment();
            let names = match sole(text) {
                Some(inner) => environment
                    .compile_expression(inner)
                    .map(|compiled| compiled.undeclared_variables(true)),
                None => environment
                    .template_from_str(text)
                    .map(|template| template.undeclared_variables(true)),
            };
            found.extend(names.map_err(|error| told(&error, text))?);
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| names(item, found)),
        Value::Object(entries) => entries.values().try_for_each(|value| names(value, found)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Lists the names that an expression uses, with braces or without.
pub(super) fn names_of(expression: &str, found: &mut BTreeSet<String>) -> Result<(), String> {
    let inner = sole(expression).unwrap_or(expression.trim());
    names(&Value::String(format!("{{{{ {inner} }}}}")), found)
}

fn told(error: &Error, text: &str) -> String {
    let what = match error.kind() {
        minijinja::ErrorKind::UndefinedError => "something in it is not defined".to_owned(),
        kind => match error.detail() {
            Some(detail) => detail.to_owned(),
            None => kind.to_string(),
        },
    };
    format!("`{}`: {what}", text.trim())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_that_is_one_expression_keeps_its_type_and_others_are_text() {
        let context = json!({"inputs": {"n": 3, "list": ["a", "b"], "name": "x"}});
        let value = json!({"n": "{{ inputs.n }}", "all": ["{{ inputs.list }}"], "text": "n={{ inputs.n }}, {{ inputs.name | upper }}", "k": 1});
        assert_eq!(
            resolve(&value, &context).unwrap(),
            json!({"n": 3, "all": [["a", "b"]], "text": "n=3, X", "k": 1})
        );
    }

    #[test]
    fn what_is_not_defined_is_an_error_that_shows_the_expression() {
        let context = json!({"inputs": {}});
        for text in [
            "{{ inputs.n }}",
            "n: {{ inputs.n }}",
            "{{ steps.a.outputs.b }}",
        ] {
            let error = resolve(&json!(text), &context).unwrap_err();
            assert!(error.contains("not defined"), "{error}");
        }
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let mut found = BTreeSet::new();
        let value = json!({"a": ["{{ steps.one.outputs.x }}", "y {{ inputs.z }}"]});
        names(&value, &mut found).unwrap();
        names_of("steps.two.outputs.y", &mut found).unwrap();
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!(
            found,
            ["inputs.z", "steps.one.outputs.x", "steps.two.outputs.y"]
        );
    }

    #[test]
    fn a_loop_without_end_is_ended() {
        let text = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(resolve(&json!(text), &json!({})).is_err());
    }
}
