//! Which models a server has.

use paracle_plugin_sdk::chat::{ChatError, ModelInfo};
use paracle_plugin_sdk::prelude::{Deserialize, Value};

/// Where servers write how much a model reads.
const CONTEXT: [&str; 5] = [
    "/max_model_len",
    "/context_length",
    "/context_window",
    "/max_context_length",
    "/meta/n_ctx_train",
];

/// A list of models.
#[derive(Deserialize)]
pub(crate) struct List {
    #[serde(default)]
    data: Vec<Value>,
}

/// Reads a list.
pub(crate) fn listed(list: List) -> Result<Vec<ModelInfo>, ChatError> {
    Ok(list.data.iter().filter_map(model).collect())
}

/// Describes a model of which the name is all that is known.
pub(crate) fn named(id: &str) -> ModelInfo {
    ModelInfo {
        id: id.to_owned(),
        context_length: None,
        supports_streaming: true,
        // The list does not say; a model that cannot says so itself.
        supports_function_calling: true,
        supports_vision: false,
        details: None,
    }
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let context = CONTEXT.iter().find_map(|at| entry.pointer(at)?.as_u64());
    let inputs = entry.pointer("/architecture/input_modalities");
    let inputs = inputs.and_then(Value::as_array);
    Some(ModelInfo {
        context_length: context.and_then(|tokens| tokens.try_into().ok()),
        supports_vision: inputs.is_some_and(|inputs| inputs.iter().any(|input| input == "image")),
        details: Some(entry.to_string()),
        ..named(entry.get("id")?.as_str()?)
    })
}
