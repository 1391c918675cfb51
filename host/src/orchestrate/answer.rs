//! What is wanted of an agent, and whether its answer is that.

use serde_json::{Map, Value, json};

/// The longest beginning of an answer that an error quotes, in characters.
const QUOTED: usize = 300;

/// What an agent is to answer with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Text.
    #[default]
    Text,
    /// A JSON object that has these.
    Fields(Vec<String>),
}

impl Wanted {
    /// Returns the JSON Schema of the answer, as text.
    pub(super) fn schema(&self) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Fields(names) => {
                let properties: Map<String, Value> =
                    names.iter().map(|name| (name.clone(), json!({}))).collect();
                let schema = json!({
                    "type": "object",
                    "properties": properties,
                    "required": names,
                    "additionalProperties": false,
                });
                Some(schema.to_string())
            }
        }
    }

    /// Says to the model what is wanted, where that is more than text.
    pub(super) fn told(&self) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Fields(names) => Some(format!(
                "When you are done, answer with one JSON object and nothing else. It has these keys: {}.",
                names.join(", ")
            )),
        }
    }

    /// Reads an answer; says what is wrong with it.
    pub(super) fn read(&self, text: &str) -> Result<Option<Map<String, Value>>, String> {
        let Self::Fields(names) = self else {
            return Ok(None);
        };
        let object: Map<String, Value> = serde_json::from_str(bare(text))
            .map_err(|error| format!("it is no JSON object ({error})"))?;
        match names.iter().find(|name| !object.contains_key(*name)) {
            None => Ok(Some(object)),
            Some(missing) => Err(format!("it has no {missing:?}")),
        }
    }
}

/// Takes away the fence that models like to put around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let fenced = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"));
    fenced.map_or(text, str::trim)
}

/// Returns the beginning of a text, for an error.
pub(super) fn beginning(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_all_that_was_asked_for_or_says_what_it_lacks() {
        let wanted = Wanted::Fields(vec!["a".to_owned(), "b".to_owned()]);
        let read = |text| wanted.read(text);
        let object = read("```json\n{\"a\": 1, \"b\": [2]}\n```")
            .unwrap()
            .unwrap();
        assert_eq!(object["b"], json!([2]));
        assert_eq!(read("{\"a\": 1}"), Err("it has no \"b\"".to_owned()));
        assert!(read("done").unwrap_err().contains("no JSON object"));
        assert_eq!(Wanted::Text.read("done"), Ok(None));
    }
}
