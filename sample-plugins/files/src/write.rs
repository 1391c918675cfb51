//! `write`: a whole file.

use crate::{Files, paths};
use paracle_plugin_sdk::prelude::*;

/// Writes a whole text file of the workspace; makes it and its folders where there is none. To change a part of a
/// file, use `edit`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Write {
    /// The file, relative to the workspace, or absolute where a directory was granted beside it.
    path: String,
    /// All that the file shall hold.
    content: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Written {
    path: String,
    bytes: usize,
    /// False where a file was replaced.
    created: bool,
}

impl Tool<Files> for Write {
    const NAME: &str = "write";
    const ANNOTATIONS: Annotations = Annotations::DESTRUCTIVE.idempotent();
    type Output = Json<Written>;

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Written>, ToolError> {
        let place = paths::place(cx, "/path", &self.path)?;
        let created = !place.real.exists();
        place.write(&self.content)?;
        let bytes = self.content.len();
        let verb = if created { "made" } else { "replaced" };
        let unit = if bytes == 1 { "byte" } else { "bytes" };
        let text = format!("{verb} {} ({bytes} {unit})", place.name);
        Ok(Json::new(Written {
            path: place.name,
            bytes,
            created,
        })
        .with_text(text))
    }
}
