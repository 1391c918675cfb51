//! The smallest plugin: one tool, and no grant needed.

use paracle_plugin_sdk::prelude::*;

/// Greets somebody by name.
#[derive(Deserialize, JsonSchema)]
struct Greet {
    /// Whom to greet.
    name: String,
}

impl Tool for Greet {
    const NAME: &str = "greet";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = String;

    fn call(self, _: &mut Context) -> Result<String, ToolError> {
        Ok(format!("Hello, {}!", self.name))
    }
}

paracle_plugin_sdk::export!(tools: [Greet]);
