//! The files that agents and workflows are told in: all within `.parac`, wherever a link of the repository's leads.

use std::path::{Component, Path, PathBuf};

use super::super::{ConfigError, files};
use super::fields::Source;
use super::node::{self, Node};
use crate::model::Mark;

/// Reads a YAML file; none where there is no such file, or it says nothing.
pub(super) fn read(path: &Path) -> Result<Option<(String, Option<Node>)>, ConfigError> {
    let Some(text) = files::read_text_of(path)? else {
        return Ok(None);
    };
    match node::parse(&text) {
        Ok(node) => Ok(Some((text, node))),
        Err(error) => Err(files::no_yaml(path, &error)),
    }
}

/// Returns the file that another one names, relative to its folder.
pub(super) fn named(
    source: &Source<'_>,
    parac: &Path,
    folder: &Path,
    name: &str,
    mark: Mark,
) -> Result<PathBuf, ConfigError> {
    let plain = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain {
        let message = format!(
            "{name:?} leads out of {}; name a file within it",
            folder.display()
        );
        return Err(source.wrong(mark, message));
    }
    let path = folder.join(name);
    let missing = |error: std::io::Error| {
        let message = format!(
            "{} cannot be read: {error}; make it, or name another",
            path.display()
        );
        source.wrong(mark, message)
    };
    let (real, root) = (
        path.canonicalize().map_err(missing)?,
        parac.canonicalize().map_err(missing)?,
    );
    if !real.starts_with(&root) {
        let message = format!(
            "{} is a link to {}, which is not within {}; put the file itself there",
            path.display(),
            real.display(),
            parac.display()
        );
        return Err(source.wrong(mark, message));
    }
    Ok(path)
}
