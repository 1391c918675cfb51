//! Which models Ollama has, and what each can do.

use paracle_plugin_sdk::chat::ModelInfo;
use paracle_plugin_sdk::prelude::{Deserialize, Value, json, serde_json};

/// The models that Ollama has.
#[derive(Deserialize)]
pub(crate) struct Tags {
    #[serde(default)]
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

impl Tags {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.models.iter().map(|tag| tag.name.as_str())
    }
}

/// What Ollama knows of a model.
#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    capabilities: Vec<String>,
    #[serde(default)]
    details: Value,
    #[serde(default)]
    model_info: serde_json::Map<String, Value>,
}

/// Describes a model.
pub(crate) fn shown(name: &str, shown: &Shown) -> ModelInfo {
    let can = |what: &str| shown.capabilities.iter().any(|other| other == what);
    // Named for the family: `llama.context_length`.
    let mut known = shown.model_info.iter();
    let context = known.find(|(key, _)| key.ends_with(".context_length"));
    let context = context.and_then(|(_, tokens)| tokens.as_u64());
    let details = json!({"capabilities": shown.capabilities, "details": shown.details});
    ModelInfo {
        context_length: context.and_then(|tokens| tokens.try_into().ok()),
        supports_function_calling: can("tools"),
        supports_vision: can("vision"),
        details: Some(details.to_string()),
        ..named(name)
    }
}

/// Describes a model of which the name is all that is known.
pub(crate) fn named(name: &str) -> ModelInfo {
    ModelInfo {
        id: name.to_owned(),
        context_length: None,
        supports_streaming: true,
        supports_function_calling: false,
        supports_vision: false,
        details: None,
    }
}
