//! `move` and `delete`.

use crate::{Files, paths};
use paracle_plugin_sdk::prelude::*;
use std::fs;

/// Moves or renames a file or folder of the workspace. Never replaces what is there.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    /// What to move, relative to the workspace.
    from: String,
    /// Its new path, relative to the workspace. Folders above it are made.
    to: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Moved {
    from: String,
    to: String,
}

impl Tool<Files> for Move {
    const NAME: &str = "move";
    const ANNOTATIONS: Annotations = Annotations::DESTRUCTIVE;
    type Output = Json<Moved>;

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Moved>, ToolError> {
        let from = paths::place(cx, "/from", &self.from)?;
        let to = paths::place(cx, "/to", &self.to)?;
        fs::symlink_metadata(&from.real).map_err(|e| from.explain("move", &e))?;
        if fs::symlink_metadata(&to.real).is_ok() {
            let message = format!(
                "`{}` is there already; delete it first, or choose another path",
                to.name
            );
            return Err(ToolError::invalid_value("/to", message));
        }
        to.make_parents()?;
        fs::rename(&from.real, &to.real).map_err(|e| from.explain("move", &e))?;
        let text = format!("moved {} to {}", from.name, to.name);
        Ok(Json::new(Moved {
            from: from.name,
            to: to.name,
        })
        .with_text(text))
    }
}

/// Deletes a file or folder of the workspace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delete {
    /// What to delete, relative to the workspace.
    path: String,
    /// Delete a folder with everything in it.
    #[serde(default)]
    recursive: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Deleted {
    path: String,
}

impl Tool<Files> for Delete {
    const NAME: &str = "delete";
    const ANNOTATIONS: Annotations = Annotations::DESTRUCTIVE;
    type Output = Json<Deleted>;

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Deleted>, ToolError> {
        let place = paths::place(cx, "/path", &self.path)?;
        if place.is_root {
            return Err(ToolError::invalid_value(
                "/path",
                "is what was granted itself; name what is in it",
            ));
        }
        let kind = fs::symlink_metadata(&place.real)
            .map_err(|e| place.explain("delete", &e))?
            .file_type();
        // Asked and not left to the error, which has no name of its own on this target.
        if kind.is_dir() && !self.recursive && fs::read_dir(&place.real)?.next().is_some() {
            let message = format!(
                "`{}` is a folder that is not empty; set it to delete everything in it",
                place.name
            );
            return Err(ToolError::invalid_value("/recursive", message));
        }
        let done = match (kind.is_dir(), self.recursive) {
            (false, _) => fs::remove_file(&place.real),
            (true, false) => fs::remove_dir(&place.real),
            (true, true) => fs::remove_dir_all(&place.real),
        };
        done.map_err(|e| place.explain("delete", &e))?;
        let text = format!("deleted {}", place.name);
        Ok(Json::new(Deleted { path: place.name }).with_text(text))
    }
}
