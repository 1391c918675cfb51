//! Forms that a person fills: whether what was filled in is what the plugin asked for.

use serde_json::{Map, Value};

use crate::registry::Schema;

/// Checks a form's schema, and what was filled in where that is there already; the error is a sentence.
pub fn check_form(schema: &Map<String, Value>, content: Option<&Value>) -> Result<(), String> {
    let compiled = Schema::compile(&Value::Object(schema.clone()))
        .map_err(|error| format!("the form's schema is not right: {error}"))?;
    let Some(content) = content else {
        return Ok(());
    };
    compiled.check(content).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        format!("the answer does not fit the form: {}", problems.join("; "))
    })
}
