//! What the repository's own rules say of paths: which git would ignore, and which go through a filter.

use std::path::Path;

use git2::AttrCheckFlags;

use super::command::git;
use super::{GitError, Repo};

impl Repo {
    /// Returns those of some paths that git would not add by itself, with the rule that says so.
    ///
    /// The rules are those of this checkout, as git reads them there; a bare repository has none.
    pub fn ignored(&self, paths: &[&str]) -> Result<Vec<(String, String)>, GitError> {
        let Some(root) = self.workdir().filter(|_| !paths.is_empty()) else {
            return Ok(Vec::new());
        };
        let ignored: Vec<&str> = self.with(|repository| {
            let mut ignored = Vec::new();
            for path in paths {
                let is_ignored = repository
                    .is_path_ignored(Path::new(path))
                    .map_err(|error| self.library("look for what is ignored", &error))?;
                if is_ignored {
                    ignored.push(*path);
                }
            }
            Ok(ignored)
        })?;
        if ignored.is_empty() {
            return Ok(Vec::new());
        }
        let rules = rules(root, &ignored);
        Ok(ignored
            .into_iter()
            .map(|path| {
                let rule = rules.iter().find(|(of, _)| of == path);
                let rule = rule.map_or_else(|| "its rules".to_owned(), |(_, rule)| rule.clone());
                (path.to_owned(), rule)
            })
            .collect())
    }

    /// Returns those of some paths that go through a filter which git's settings have here, with its name.
    pub fn filtered(&self, paths: &[&str]) -> Result<Vec<(String, String)>, GitError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        self.with(|repository| {
            let failed = |error: git2::Error| self.library("look for filters", &error);
            let config = repository.config().map_err(failed)?;
            if !has_filters(&config).map_err(failed)? {
                return Ok(Vec::new());
            }
            let mut filtered = Vec::new();
            for path in paths {
                let filter = repository
                    .get_attr(Path::new(path), "filter", AttrCheckFlags::default())
                    .map_err(failed)?;
                if let Some(name) = filter
                    && is_set(&config, name)
                {
                    filtered.push(((*path).to_owned(), name.to_owned()));
                }
            }
            Ok(filtered)
        })
    }
}

/// Asks git for the rules behind a few paths; what it does not say is not known.
fn rules(root: &Path, paths: &[&str]) -> Vec<(String, String)> {
    const ASKED: usize = 100;
    let paths = &paths[..paths.len().min(ASKED)];
    let arguments = ["-c", "core.quotePath=false", "check-ignore", "--verbose"];
    let arguments = arguments.iter().chain(&["--no-index", "--"]).chain(paths);
    let Ok(answer) = git(root, arguments) else {
        return Vec::new();
    };
    let said = String::from_utf8_lossy(&answer.stdout);
    let rule_of = |path: &str| {
        // File, line and pattern, then the path.
        let end = format!("\t{path}");
        let mut lines = said.lines();
        lines.find_map(|line| line.strip_suffix(end.as_str()))
    };
    paths
        .iter()
        .filter_map(|path| Some(((*path).to_owned(), rule_of(path)?.to_owned())))
        .collect()
}

fn has_filters(config: &git2::Config) -> Result<bool, git2::Error> {
    let mut entries = config.entries(Some(r"^filter\."))?;
    Ok(entries.next().is_some())
}

/// Tells whether a filter does something: one that is named and not set up is passed by.
fn is_set(config: &git2::Config, name: &str) -> bool {
    ["clean", "smudge", "process"]
        .iter()
        .any(|part| config.get_string(&format!("filter.{name}.{part}")).is_ok())
}
