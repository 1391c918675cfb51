//! Which models a server has.

use paracle_plugin_sdk::chat::ModelInfo;
use paracle_plugin_sdk::prelude::{Deserialize, Value};

/// A page of a list of models.
#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    data: Vec<Value>,
    #[serde(default)]
    has_more: bool,
    last_id: Option<String>,
}

impl Page {
    pub(crate) fn models(&self) -> Vec<ModelInfo> {
        self.data.iter().filter_map(model).collect()
    }

    /// Returns behind which model the next page begins, if there is one; only a name that needs no escaping.
    pub(crate) fn next(&self) -> Option<&str> {
        let last = self.last_id.as_deref().filter(|_| self.has_more)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        last.bytes().all(plain).then_some(last)
    }
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let most = entry.get("max_input_tokens").and_then(Value::as_u64);
    Some(ModelInfo {
        context_length: most.and_then(|tokens| tokens.try_into().ok()),
        details: Some(entry.to_string()),
        ..named(entry.get("id")?.as_str()?)
    })
}

/// Describes a model of which the name is all that is known.
pub(crate) fn named(id: &str) -> ModelInfo {
    ModelInfo {
        id: id.to_owned(),
        context_length: None,
        supports_streaming: true,
        supports_function_calling: true,
        supports_vision: true,
        details: None,
    }
}
