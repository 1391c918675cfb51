//! One field of a form: how it is shown, and how what was typed is read.

use paracle_host::flow::check_form;
use serde_json::{Map, Value, json};

use crate::output::line;

/// A field, as the plugin described it.
pub(super) struct Field {
    pub(super) name: String,
    schema: Value,
    required: bool,
    choices: Vec<Choice>,
}

struct Choice {
    value: Value,
    title: String,
}

impl Field {
    /// Reads the fields of a form in the order in which they were written.
    pub(super) fn all(schema: &Map<String, Value>) -> Result<Vec<Self>, String> {
        let none = Map::new();
        let fields = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let needed = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        let field = |(name, schema): (&String, &Value)| match kind(schema) {
            "object" => Err(format!("{name} has fields of its own, and a form has none")),
            _ => Ok(Self {
                name: name.clone(),
                required: needed(name),
                choices: choices(schema),
                schema: schema.clone(),
            }),
        };
        fields.unwrap_or(&none).iter().map(field).collect()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.schema.get(key).and_then(Value::as_str)
    }

    fn takes_several(&self) -> bool {
        kind(&self.schema) == "array"
    }

    /// Returns what stands above the prompt: what the field is for, and what can be chosen.
    pub(super) fn describe(&self) -> Vec<String> {
        let said = self.text("description").map(|said| format!("  {said}"));
        let choices = self.choices.iter().enumerate();
        let choices = choices.map(|(at, choice)| format!("  {}. {}", at + 1, choice.title));
        let several = (self.takes_several() && !self.choices.is_empty())
            .then(|| "  (numbers, with commas between)".to_owned());
        said.into_iter().chain(choices).chain(several).collect()
    }

    /// Returns the prompt.
    pub(super) fn prompt(&self) -> String {
        let name = line(self.text("title").unwrap_or(&self.name));
        let hint = match (self.schema.get("default"), kind(&self.schema)) {
            (Some(default), _) => format!(" [{}]", line(&shown(default))),
            (None, "boolean") => " [y/n]".to_owned(),
            (None, _) if !self.required => " [none]".to_owned(),
            (None, _) => String::new(),
        };
        format!("{name}{hint}: ")
    }

    /// Reads what was typed; none where the field stays empty. The error is a sentence.
    pub(super) fn read(&self, typed: &str) -> Result<Option<Value>, String> {
        if typed.is_empty() {
            return match (self.schema.get("default"), self.required) {
                (Some(default), _) => Ok(Some(default.clone())),
                (None, false) => Ok(None),
                (None, true) => Err("this is needed".to_owned()),
            };
        }
        let value = if self.takes_several() {
            let parts = typed.split(',').map(str::trim);
            Value::Array(
                parts
                    .map(|part| self.chosen(part))
                    .collect::<Result<_, _>>()?,
            )
        } else if self.choices.is_empty() {
            self.plain(typed)?
        } else {
            self.chosen(typed)?
        };
        let Value::Object(alone) = json!({
            "type": "object", "properties": {&self.name: self.schema}, "required": [self.name],
        }) else {
            return Ok(Some(value));
        };
        check_form(&alone, Some(&json!({&self.name: value})))?;
        Ok(Some(value))
    }

    fn plain(&self, typed: &str) -> Result<Value, String> {
        match kind(&self.schema) {
            "boolean" => match typed.to_ascii_lowercase().as_str() {
                "y" | "yes" | "true" => Ok(Value::Bool(true)),
                "n" | "no" | "false" => Ok(Value::Bool(false)),
                _ => Err("y or n".to_owned()),
            },
            "integer" | "number" => match serde_json::from_str(typed) {
                Ok(number @ Value::Number(_)) => Ok(number),
                Ok(_) | Err(_) => Err(format!("{typed:?} is no number")),
            },
            _ => Ok(Value::from(typed)),
        }
    }

    /// Finds a choice by its number, or by its words.
    fn chosen(&self, typed: &str) -> Result<Value, String> {
        if self.choices.is_empty() {
            return Ok(Value::from(typed));
        }
        let number = typed.parse::<usize>().ok();
        let by_number = number.and_then(|number| self.choices.get(number.checked_sub(1)?));
        let by_words = || {
            let mut choices = self.choices.iter();
            choices.find(|choice| choice.value == typed || choice.title == typed)
        };
        by_number
            .or_else(by_words)
            .map(|choice| choice.value.clone())
            .ok_or_else(|| format!("choose one of 1 to {}", self.choices.len()))
    }
}

fn kind(schema: &Value) -> &str {
    schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("string")
}

/// Returns what a field lets choose, in each of the ways that the protocol knows.
fn choices(schema: &Value) -> Vec<Choice> {
    let of = match kind(schema) {
        "array" => schema.get("items").unwrap_or(&Value::Null),
        _ => schema,
    };
    let list = |key| of.get(key).and_then(Value::as_array);
    if let Some(titled) = list("oneOf").or_else(|| list("anyOf")) {
        let choice = |one: &Value| {
            let value = one.get("const")?.clone();
            let title = one.get("title").map_or_else(|| shown(&value), shown);
            Some(Choice { value, title })
        };
        return titled.iter().filter_map(choice).collect();
    }
    let names = list("enumNames");
    let values = list("enum").map(Vec::as_slice).unwrap_or_default();
    let choice = |(at, value): (usize, &Value)| Choice {
        title: shown(names.and_then(|names| names.get(at)).unwrap_or(value)),
        value: value.clone(),
    };
    values.iter().enumerate().map(choice).collect()
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(schema: &Value) -> Field {
        let Value::Object(form) = json!({"properties": {"a": schema}, "required": ["a"]}) else {
            panic!("an object")
        };
        Field::all(&form).unwrap().remove(0)
    }

    #[test]
    fn what_is_typed_is_read_by_the_fields_kind() {
        for (schema, typed, value) in [
            (json!({"type": "string"}), "12", json!("12")),
            (json!({"type": "integer"}), "12", json!(12)),
            (json!({"type": "number"}), "1.5", json!(1.5)),
            (json!({"type": "boolean"}), "Yes", json!(true)),
            (
                json!({"type": "boolean", "default": false}),
                "",
                json!(false),
            ),
            (
                json!({"type": "string", "enum": ["x", "y"]}),
                "2",
                json!("y"),
            ),
            (
                json!({"type": "string", "enum": ["x", "y"]}),
                "x",
                json!("x"),
            ),
            (
                json!({"type": "string", "oneOf": [{"const": "k", "title": "A key"}]}),
                "A key",
                json!("k"),
            ),
            (
                json!({"type": "array", "items": {"type": "string", "enum": ["x", "y", "z"]}}),
                "3, 1",
                json!(["z", "x"]),
            ),
        ] {
            assert_eq!(field(&schema).read(typed), Ok(Some(value)), "{schema}");
        }
    }

    #[test]
    fn what_does_not_fit_its_field_is_told_and_asked_again() {
        for (schema, typed, words) in [
            (json!({"type": "string"}), "", "needed"),
            (json!({"type": "integer"}), "1.5", "integer"),
            (json!({"type": "integer"}), "x", "no number"),
            (json!({"type": "integer", "maximum": 3}), "4", "3"),
            (json!({"type": "string", "minLength": 3}), "ab", "3"),
            (json!({"type": "boolean"}), "maybe", "y or n"),
            (json!({"type": "string", "enum": ["x"]}), "0", "1 to 1"),
            (json!({"type": "string", "enum": ["x"]}), "2", "1 to 1"),
        ] {
            let why = field(&schema).read(typed).unwrap_err();
            assert!(why.contains(words), "{schema}: {why}");
        }
    }
}
