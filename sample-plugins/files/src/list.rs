//! `list`: what is in a folder.

use crate::{Files, paths};
use paracle_plugin_sdk::prelude::*;
use std::fs;

/// Entries that one answer holds at most.
const MOST: usize = 1000;

/// Lists a folder of the workspace, with the sizes of files in bytes. `.git` is left out. Without a path it also names the
/// directories that were granted beside the workspace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    /// The folder, relative to the workspace, or absolute where a directory was granted beside it; the workspace itself if
    /// absent.
    #[serde(default)]
    path: String,
    /// How many levels to go down.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    depth: usize,
}

fn one() -> usize {
    1
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Listing {
    path: String,
    entries: Vec<Item>,
    /// The directories that were granted beside the workspace, where the workspace itself is listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beside: Vec<Beside>,
    /// Whether there were more entries than an answer holds.
    truncated: bool,
}

#[derive(Serialize, JsonSchema)]
struct Item {
    path: String,
    kind: Kind,
    /// In bytes, of a file.
    size: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct Beside {
    /// Absolute, as the tools take it.
    path: String,
    /// Whether it may be changed.
    writable: bool,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    File,
    Folder,
    Link,
}

impl Tool<Files> for List {
    const NAME: &str = "list";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Json<Listing>;

    fn call(self, cx: &mut Context<'_, Files>) -> Result<Json<Listing>, ToolError> {
        let beside = beside(cx);
        let all = self.path.is_empty();
        if all && !beside.is_empty() && cx.workspace().is_err() {
            return Ok(Listing::of(
                String::new(),
                Vec::new(),
                beside,
                true,
                String::new(),
            ));
        }
        let place = paths::place(cx, "/path", &self.path)?;
        let mut entries = Vec::new();
        let mut text = String::new();
        let complete = paths::walk(&place, self.depth.max(1), &mut |entry| {
            cx.check_cancelled()?;
            if entries.len() == MOST {
                return Ok(false);
            }
            let (kind, size, tail) = if entry.kind.is_dir() {
                (Kind::Folder, None, "/".to_owned())
            } else if entry.kind.is_symlink() {
                let to = fs::read_link(&entry.real).map(|to| to.to_string_lossy().into_owned());
                (
                    Kind::Link,
                    None,
                    format!(" -> {}", to.unwrap_or_else(|_| "?".into())),
                )
            } else {
                let size = fs::symlink_metadata(&entry.real)?.len();
                (Kind::File, Some(size), format!("\t{size}"))
            };
            text += &format!("{}{tail}\n", entry.name);
            entries.push(Item {
                path: entry.name.clone(),
                kind,
                size,
            });
            Ok(true)
        })?;
        if !complete {
            text += &format!("[the first {MOST}; list a folder below, or use less depth]\n");
        } else if entries.is_empty() {
            text = format!("{} is empty\n", place.name);
        }
        let beside = if all || place.name == "." {
            beside
        } else {
            Vec::new()
        };
        Ok(Listing::of(place.name, entries, beside, complete, text))
    }
}

impl Listing {
    /// Makes the answer; its text names the directories beside the workspace, too.
    fn of(
        path: String,
        entries: Vec<Item>,
        beside: Vec<Beside>,
        complete: bool,
        mut text: String,
    ) -> Json<Self> {
        if !beside.is_empty() {
            text += "[granted beside the workspace:";
            for Beside { path, writable } in &beside {
                let may = if *writable { "read and write" } else { "read" };
                text += &format!(" {path} ({may})");
            }
            text += "]\n";
        }
        Json::new(Self {
            path,
            entries,
            beside,
            truncated: !complete,
        })
        .with_text(text)
    }
}

fn beside(cx: &Context<'_, Files>) -> Vec<Beside> {
    cx.directories()
        .into_iter()
        .map(|directory| Beside {
            path: directory.path.to_string_lossy().into_owned(),
            writable: directory.writable,
        })
        .collect()
}
