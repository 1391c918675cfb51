//! `edit`: exact replacement.

use crate::{Files, paths};
use paracle_plugin_sdk::prelude::*;

/// Replaces exact text in a file of the workspace. `old` must occur exactly once, so give enough of its surroundings;
/// or set `all`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// The file, relative to the workspace, or absolute where a directory was granted beside it.
    path: String,
    /// The text to replace, with its exact spaces and line ends.
    #[schemars(length(min = 1))]
    old: String,
    /// The text to put there.
    new: String,
    /// Replace every occurrence.
    #[serde(default)]
    all: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Edited {
    path: String,
    replacements: usize,
    /// The line of the first replacement, counted from 1.
    line: usize,
}

impl Tool<Files> for Edit {
    const NAME: &str = "edit";
    const ANNOTATIONS: Annotations = Annotations::DESTRUCTIVE;
    type Output = Json<Edited>;

    fn validate(&self) -> Result<(), ToolError> {
        if self.old.is_empty() {
            return Err(ToolError::invalid_value(
                "/old",
                "is empty; to make a file, use `write`",
            ));
        }
        if self.old == self.new {
            return Err(ToolError::invalid_value(
                "/new",
                "is the same as `old`: there is nothing to change",
            ));
        }
        Ok(())
    }

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Edited>, ToolError> {
        let place = paths::place(cx, "/path", &self.path)?;
        let text = place.read()?;
        let found: Vec<usize> = text
            .match_indices(&self.old)
            .map(|(at, _)| line_of(&text, at))
            .collect();
        let line = match found[..] {
            [] => {
                return Err(ToolError::invalid_value(
                    "/old",
                    self.absent(&place.name, &text),
                ));
            }
            [line] => line,
            [line, ..] if self.all => line,
            [..] => {
                let lines: Vec<String> = found.iter().take(10).map(ToString::to_string).collect();
                let message = format!(
                    "occurs {} times in `{}` (lines {}); give more of its surroundings, or set `all`",
                    found.len(),
                    place.name,
                    lines.join(", ")
                );
                return Err(ToolError::invalid_value("/old", message));
            }
        };
        place.write(&text.replace(&self.old, &self.new))?;
        let replacements = found.len();
        let text = format!(
            "replaced {replacements} in {}, from line {line}",
            place.name
        );
        Ok(Json::new(Edited {
            path: place.name,
            replacements,
            line,
        })
        .with_text(text))
    }
}

impl Edit {
    /// Says why `old` may not have been found.
    fn absent(&self, name: &str, text: &str) -> String {
        let tight = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = self
            .old
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        let near = text
            .lines()
            .position(|line| line.trim() == first)
            .map(|i| i + 1);
        let hint = if text.contains('\r')
            && text
                .replace("\r\n", "\n")
                .contains(&self.old.replace("\r\n", "\n"))
        {
            "the file's lines end with CR LF".to_owned()
        } else if tight(text).contains(&tight(&self.old)) {
            "it does with other spaces or line breaks; copy them from `read`".to_owned()
        } else if let Some(line) = near {
            format!("its first line does, on line {line}; the rest differs")
        } else {
            "`read` the file again: it may have changed".to_owned()
        };
        format!("does not occur in `{name}`: {hint}")
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}
