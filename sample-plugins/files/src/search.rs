//! `search`: a regular expression over the tree.

use crate::{Files, glob, paths};
use paracle_plugin_sdk::prelude::*;
use regex_lite::RegexBuilder;
use std::fs;

/// Bytes of one line that an answer holds: minified files have lines of megabytes.
const MOST_LINE: usize = 300;
/// Larger files are generated or data.
const MOST_FILE: u64 = 4 << 20;

/// Searches the text files of the workspace for a regular expression, line by line. `.git` is left out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// The regular expression, in Rust's syntax; `(?i)` in front ignores case.
    pattern: String,
    /// The file or folder to search, relative to the workspace; everything if absent.
    #[serde(default)]
    path: String,
    /// Only files whose path matches, such as `*.rs` or `src/**/*.{c,h}`.
    glob: Option<String>,
    /// The most matches to return.
    #[serde(default = "most")]
    #[schemars(range(min = 1, max = 2000))]
    max: usize,
}

fn most() -> usize {
    200
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Found {
    matches: Vec<Match>,
    files_searched: usize,
    /// Files that are not UTF-8 text, or too large.
    files_skipped: Vec<String>,
    /// Whether there may be more matches.
    truncated: bool,
}

#[derive(Serialize, JsonSchema)]
struct Match {
    path: String,
    /// Counted from 1.
    line: usize,
    text: String,
}

impl Tool<Files> for Search {
    const NAME: &str = "search";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Json<Found>;

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Found>, ToolError> {
        let place = paths::place(cx, "/path", &self.path)?;
        let pattern = RegexBuilder::new(&self.pattern).build().map_err(|e| {
            ToolError::invalid_value(
                "/pattern",
                format!("`{}` is not a regular expression: {e}", self.pattern),
            )
        })?;
        let only = self.glob.as_deref().map(glob::compile).transpose()?;
        let mut found = Found {
            matches: vec![],
            files_searched: 0,
            files_skipped: vec![],
            truncated: false,
        };
        let mut visit = |entry: &paths::Entry| {
            cx.check_cancelled()?;
            if !entry.kind.is_file()
                || only
                    .as_ref()
                    .is_some_and(|glob| !glob.is_match(&entry.name))
            {
                return Ok(true);
            }
            let small = fs::metadata(&entry.real)?.len() <= MOST_FILE;
            let text = if small {
                String::from_utf8(fs::read(&entry.real)?).ok()
            } else {
                None
            };
            let Some(text) = text.filter(|text| !text.contains('\0')) else {
                found.files_skipped.push(entry.name.clone());
                return Ok(true);
            };
            found.files_searched += 1;
            for (i, line) in text
                .lines()
                .enumerate()
                .filter(|(_, line)| pattern.is_match(line))
            {
                if found.matches.len() >= self.max {
                    found.truncated = true;
                    return Ok(false);
                }
                let text = clip(line);
                found.matches.push(Match {
                    path: entry.name.clone(),
                    line: i + 1,
                    text,
                });
            }
            Ok(true)
        };
        let meta = fs::symlink_metadata(&place.real).map_err(|e| place.explain("search", &e))?;
        if meta.is_dir() {
            paths::walk(&place, usize::MAX, &mut visit)?;
        } else {
            visit(&paths::Entry {
                real: place.real,
                name: place.name,
                kind: meta.file_type(),
            })?;
        }
        let text = readable(&found);
        Ok(Json::new(found).with_text(text))
    }
}

/// Writes the matches as grep does, then what a reader must not miss.
fn readable(found: &Found) -> String {
    let mut text = String::new();
    for Match {
        path,
        line,
        text: matched,
    } in &found.matches
    {
        text += &format!("{path}:{line}: {matched}\n");
    }
    text += &format!(
        "[{} matches in {} files searched",
        found.matches.len(),
        found.files_searched
    );
    if found.truncated {
        text += "; there are more: narrow `path`, `glob` or the pattern, or raise `max`";
    }
    if let Some(first) = found.files_skipped.first() {
        text += &format!(
            "; {} skipped as not text or too large, such as {first}",
            found.files_skipped.len()
        );
    }
    text + "]\n"
}

fn clip(line: &str) -> String {
    if line.len() <= MOST_LINE {
        return line.to_owned();
    }
    format!("{}…", &line[..line.floor_char_boundary(MOST_LINE)])
}
