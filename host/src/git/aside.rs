//! Git's own commands that write objects: they write them aside, and what they wrote is stored as everything else is.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::Odb;

use super::command::{Answer, git_with};
use super::objects::ObjectId;
use super::write::{Batch, ObjectKind};
use super::{GitError, Repo};

/// A place where git's own commands write objects, gone when dropped.
///
/// What git writes by itself, as `git merge-tree` does, is loose: a `git gc --prune=now` could take it before a ref moves.
pub(super) struct Aside<'a> {
    repo: &'a Repo,
    folder: PathBuf,
    alternates: OsString,
}

impl Repo {
    /// Makes a place for what git's own commands write.
    pub(super) fn aside(&self) -> Result<Aside<'_>, GitError> {
        Ok(Aside {
            repo: self,
            folder: self.incoming()?,
            alternates: quoted(&self.common_dir().join("objects")),
        })
    }
}

impl Aside<'_> {
    /// Runs git, which sees all objects of the repository, and those that were written here.
    pub(super) fn git(
        &self,
        dir: &Path,
        variables: &[(&str, &OsStr)],
        arguments: &[&str],
    ) -> Result<Answer, GitError> {
        let mut all = vec![
            ("GIT_OBJECT_DIRECTORY", self.folder.as_os_str()),
            (
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                self.alternates.as_os_str(),
            ),
        ];
        all.extend(variables);
        git_with(dir, &all, arguments)
    }

    /// Stores all that was written here, as everything else is stored.
    pub(super) fn store(self) -> Result<(), GitError> {
        self.repo.store(&self.written()?)
    }

    fn written(&self) -> Result<Batch, GitError> {
        let failed = |error: git2::Error| self.repo.library("read what git wrote", &error);
        let odb = Odb::new().map_err(failed)?;
        odb.add_disk_alternate(&self.folder.to_string_lossy())
            .map_err(failed)?;
        let mut ids = Vec::new();
        odb.foreach(|id| {
            ids.push(*id);
            true
        })
        .map_err(failed)?;
        let mut batch = Batch::default();
        for id in ids {
            let (kind, bytes) = read_raw(&odb, ObjectId(id)).map_err(failed)?;
            batch.add(kind, Arc::new(bytes))?;
        }
        Ok(batch)
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        Repo::forget_incoming(&self.folder);
    }
}

/// Reads an object of any kind.
pub(super) fn read_raw(odb: &Odb<'_>, id: ObjectId) -> Result<(ObjectKind, Vec<u8>), git2::Error> {
    let object = odb.read(id.0)?;
    match ObjectKind::of(object.kind()) {
        Some(kind) => Ok((kind, object.data().to_vec())),
        None => Err(git2::Error::from_str("an object of no known kind")),
    }
}

/// Writes a path as one entry of a list: where it has the list's own characters, git reads it quoted.
fn quoted(path: &Path) -> OsString {
    match path.to_str() {
        Some(text) if text.contains([':', '"']) => {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{text}\"").into()
        }
        _ => path.as_os_str().to_owned(),
    }
}
