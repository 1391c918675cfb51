//! Which other files and programs git's configuration names.

use std::path::{Path, PathBuf};

use git2::Config;

/// More files than any honest configuration includes.
const MOST_FILES: usize = 64;

/// What configuration files lead to.
#[derive(Debug, Default)]
pub(super) struct Configured {
    /// The files that were read, those they include, and the lists of names that they point at.
    pub(super) files: Vec<PathBuf>,
    /// Files that are included, whether or not they are there: what is put there later is obeyed.
    pub(super) included: Vec<PathBuf>,
    /// Programs that filters and merge drivers name by their whole path.
    pub(super) programs: Vec<PathBuf>,
    /// Folders of hooks, as they are written where that is no whole path, and of what new repositories begin with.
    pub(super) hooks: Vec<PathBuf>,
    /// Whether there are filters or merge drivers at all.
    pub(super) runs_programs: bool,
}

impl Configured {
    /// Reads files and what they include, whether or not the condition of the inclusion holds now.
    pub(super) fn read(mut files: Vec<PathBuf>, home: Option<&Path>) -> Self {
        let mut configured = Self::default();
        while let Some(file) = files.pop() {
            if configured.files.len() >= MOST_FILES {
                break;
            }
            if file.is_file() && !configured.files.contains(&file) {
                // What cannot be parsed, git complains of itself.
                configured
                    .follow(&file, home, &mut files)
                    .unwrap_or_default();
                configured.files.push(file);
            }
        }
        configured
    }

    fn follow(
        &mut self,
        file: &Path,
        home: Option<&Path>,
        files: &mut Vec<PathBuf>,
    ) -> Result<(), git2::Error> {
        let path = |value: &str| match value.strip_prefix("~/") {
            Some(rest) => Some(home?.join(rest)),
            None => Some(file.parent()?.join(value)),
        };
        let config = Config::open(file)?;
        let mut entries = config.entries(None)?;
        while let Some(entry) = entries.next() {
            let entry = entry?;
            // What an included file says is read when its turn comes: its paths are relative to itself.
            if entry.include_depth() > 0 {
                continue;
            }
            if !entry.has_value() {
                continue;
            }
            let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else {
                continue;
            };
            if (name.starts_with("include.") || name.starts_with("includeif."))
                && name.strip_suffix(".path").is_some()
            {
                let file = path(value);
                self.included.extend(file.clone());
                files.extend(file);
            } else if name == "core.excludesfile" || name == "core.attributesfile" {
                self.files.extend(path(value));
            } else if name == "core.hookspath" {
                let folder = Path::new(value);
                self.hooks.extend(match value.strip_prefix("~/") {
                    Some(_) => path(value),
                    None => Some(folder.to_owned()),
                });
            } else if name == "init.templatedir" {
                self.hooks.extend(path(value));
            } else if name.starts_with("filter.")
                || (name.starts_with("merge.") && name.ends_with(".driver"))
            {
                self.runs_programs = true;
                self.programs.extend(
                    value
                        .split(|c: char| c.is_whitespace() || "\"'".contains(c))
                        .filter(|word| word.starts_with('/') || word.starts_with("~/"))
                        .filter_map(path)
                        .filter(|program| !program.is_dir()),
                );
            }
        }
        Ok(())
    }
}
