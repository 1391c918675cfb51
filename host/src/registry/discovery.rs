//! Where plugins are looked for.

#![expect(
    clippy::disallowed_methods,
    reason = "the registry reads the files of plugins"
)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How a plugin was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A file in `.parac/plugins`.
    Directory,
    /// A `path:` in `.parac/config/plugins.yaml`.
    Config,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Directory => "directory",
            Self::Config => "config",
        })
    }
}

/// A file that may be a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// How it was found.
    pub source: Source,
}

/// Lists the files that may be plugins, in a stable order, each once: those in a folder, and those that are listed.
pub fn discover<'a>(
    folder: Option<&Path>,
    listed: impl IntoIterator<Item = &'a PathBuf>,
) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    if let Some(folder) = folder {
        for path in wasm_files(folder)? {
            found.push(Found {
                path,
                source: Source::Directory,
            });
        }
    }
    for path in listed {
        if !found.iter().any(|other| same_file(&other.path, path)) {
            found.push(Found {
                path: path.clone(),
                source: Source::Config,
            });
        }
    }
    Ok(found)
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn wasm_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
