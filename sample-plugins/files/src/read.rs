//! `read`: a file, or some of its lines.

use crate::{Files, paths};
use paracle_plugin_sdk::prelude::*;

/// Bytes that one answer holds at most: about 25,000 tokens, what a model can take in at once.
const MOST_BYTES: usize = 100_000;

/// Reads a text file of the workspace, or some of its lines.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    /// The file, relative to the workspace, or absolute where a directory was granted beside it.
    path: String,
    /// The first line to read, counted from 1.
    #[serde(default = "first")]
    #[schemars(range(min = 1))]
    offset: usize,
    /// How many lines to read.
    #[serde(default = "lines")]
    #[schemars(range(min = 1))]
    limit: usize,
}

fn first() -> usize {
    1
}

fn lines() -> usize {
    2000
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Text {
    path: String,
    /// The lines that were read, exactly as they are in the file.
    content: String,
    /// The first line that was read, counted from 1.
    from_line: usize,
    /// The last line that was read.
    to_line: usize,
    total_lines: usize,
    /// Whether there is more to read after `to_line`.
    truncated: bool,
}

impl Tool<Files> for Read {
    const NAME: &str = "read";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Json<Text>;

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Text>, ToolError> {
        let place = paths::place(cx, "/path", &self.path)?;
        let whole = place.read()?;
        let total_lines = whole.lines().count();
        let skipped = self.offset.max(1) - 1;
        if skipped > 0 && skipped >= total_lines {
            let message = format!("`{}` has {total_lines} lines", place.name);
            return Err(ToolError::invalid_value("/offset", message));
        }
        let mut content = String::new();
        let mut to_line = skipped;
        for line in whole
            .split_inclusive('\n')
            .skip(skipped)
            .take(self.limit.max(1))
        {
            if content.len() + line.len() > MOST_BYTES {
                if content.is_empty() {
                    // A single line longer than an answer: its beginning is better than nothing.
                    content.push_str(&line[..line.floor_char_boundary(MOST_BYTES)]);
                    to_line += 1;
                }
                break;
            }
            content.push_str(line);
            to_line += 1;
        }
        let cut = to_line > skipped
            && whole
                .split_inclusive('\n')
                .nth(skipped)
                .is_some_and(|l| l.len() > MOST_BYTES);
        let truncated = to_line < total_lines || cut;
        let mut text = content.clone();
        if truncated {
            text += &format!("\n[lines {} to {to_line} of {total_lines}", skipped + 1);
            text += &if cut {
                "; the line is cut]".to_owned()
            } else {
                format!("; go on with offset {}]", to_line + 1)
            };
        }
        let from_line = skipped + 1;
        Ok(Json::new(Text {
            path: place.name,
            content,
            from_line,
            to_line,
            total_lines,
            truncated,
        })
        .with_text(text))
    }
}
