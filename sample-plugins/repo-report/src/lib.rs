//! Reads the whole repository and writes a report about it into the repository. The same tree gives the same report.

use paracle_plugin_sdk::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

mod language;
mod render;

/// Files between two reports of progress: often enough to see, rare enough to cost nothing.
const STEP: usize = 100;
/// Longer files are data; their lines are not counted.
const MOST_TEXT: u64 = 16 << 20;

/// Counts the workspace's files, lines and marks such as TODO, and writes a Markdown report into it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    /// Where to write the report, relative to the workspace.
    #[serde(default = "default_path")]
    path: PathBuf,
}

fn default_path() -> PathBuf {
    "REPORT.md".into()
}

/// What was counted.
#[derive(Default, Serialize, JsonSchema)]
struct Counts {
    /// Where the report is.
    path: String,
    files: usize,
    folders: usize,
    bytes: u64,
    lines: u64,
    languages: BTreeMap<String, Language>,
    /// The largest files, the largest first.
    largest: Vec<Measured>,
    /// Lines with TODO, FIXME, XXX or HACK.
    marks: BTreeMap<String, u64>,
    /// The files with the most marks.
    marked: Vec<Measured>,
    /// Files that are not text.
    binary: usize,
}

/// The part of one language.
#[derive(Default, Serialize, JsonSchema)]
struct Language {
    files: usize,
    bytes: u64,
    lines: u64,
}

/// A file and a number.
#[derive(Serialize, JsonSchema)]
struct Measured {
    path: String,
    size: u64,
}

struct RepoReport;

impl Plugin for RepoReport {
    const CAPABILITIES: &[Capability] = &[Capability::FileAccess];
    const TAGS: &[&str] = &["repository", "statistics"];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

impl Tool<RepoReport> for Report {
    const NAME: &str = "report";
    const ANNOTATIONS: Annotations = Annotations::DESTRUCTIVE.idempotent();
    type Output = Json<Counts>;

    fn validate(&self) -> Result<(), ToolError> {
        if self.path.is_absolute() || self.path.as_os_str().is_empty() {
            return Err(ToolError::invalid_value(
                "/path",
                "give a path relative to the workspace, such as `REPORT.md`",
            ));
        }
        Ok(())
    }

    fn call(self, cx: &mut Context<'_, RepoReport>) -> Result<Json<Counts>, ToolError> {
        let root = cx.workspace()?;
        let target = root.join(&self.path);
        let mut counts = Counts {
            path: self.path.to_string_lossy().into_owned(),
            ..Counts::default()
        };
        let mut files = Vec::new();
        find(root, &mut files, &mut counts.folders)?;
        // An earlier report would count itself, and no two reports would agree.
        files.retain(|file| *file != target);
        files.sort();
        for (i, file) in files.iter().enumerate() {
            if i % STEP == 0 {
                cx.progress(i, Some(files.len()), "counting")?;
            }
            counts.add(root, file)?;
        }
        counts.settle();
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&target, render::markdown(&counts))?;
        cx.progress(files.len(), Some(files.len()), "done")?;
        let text = format!(
            "{} files, {} lines; the report is in {}",
            counts.files, counts.lines, counts.path
        );
        Ok(Json::new(counts).with_text(text))
    }
}

/// Collects the files below a folder, without following links or entering `.git`.
fn find(folder: &Path, files: &mut Vec<PathBuf>, folders: &mut usize) -> Result<(), ToolError> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && entry.file_name() != ".git" {
            *folders += 1;
            find(&entry.path(), files, folders)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

impl Counts {
    /// Adds one file.
    fn add(&mut self, root: &Path, file: &Path) -> Result<(), ToolError> {
        let path = file
            .strip_prefix(root)
            .unwrap_or(file)
            .to_string_lossy()
            .into_owned();
        let bytes = fs::metadata(file)?.len();
        let text = if bytes <= MOST_TEXT {
            String::from_utf8(fs::read(file)?).ok()
        } else {
            None
        };
        let text = text.filter(|text| !text.contains('\0'));
        let lines = text.as_ref().map_or(0, |text| text.lines().count() as u64);
        self.files += 1;
        self.bytes += bytes;
        self.lines += lines;
        let language = if text.is_some() {
            language::of(file)
        } else {
            "binary".to_owned()
        };
        let part = self.languages.entry(language).or_default();
        part.files += 1;
        part.bytes += bytes;
        part.lines += lines;
        self.largest.push(Measured {
            path: path.clone(),
            size: bytes,
        });
        match text {
            Some(text) => self.add_marks(path, &text),
            None => self.binary += 1,
        }
        Ok(())
    }

    /// Adds the marks of one text.
    fn add_marks(&mut self, path: String, text: &str) {
        let mut size = 0;
        for line in text.lines() {
            for mark in ["TODO", "FIXME", "XXX", "HACK"] {
                if line
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .any(|word| word == mark)
                {
                    *self.marks.entry(mark.to_owned()).or_default() += 1;
                    size += 1;
                }
            }
        }
        if size > 0 {
            self.marked.push(Measured { path, size });
        }
    }

    /// Keeps the ten largest of each list, in an order that does not depend on the file system's.
    fn settle(&mut self) {
        for list in [&mut self.largest, &mut self.marked] {
            list.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
            list.truncate(10);
        }
    }
}

paracle_plugin_sdk::export!(tools: [Report], plugin: RepoReport);
