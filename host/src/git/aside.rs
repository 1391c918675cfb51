//! Git's own commands that write objects: they write them aside, and what they wrote is stored as everything else is.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::Odb;

use super::command::{Answer, git_with};
use super::keep::entries;
use super::objects::ObjectId;
use super::write::{Batch, ObjectKind};
use super::{GitError, Repo};

/// How much of what git wrote is in memory at once, and becomes one pack. Git itself packs what is larger than a MiB, where a
/// command is told to.
const AT_ONCE: usize = if cfg!(test) { 64 << 10 } else { 32 << 20 };

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
        let mut unsynced = self.take_packs()?;
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
        let mut held = 0;
        for id in ids {
            let (kind, bytes) = read_raw(&odb, ObjectId(id)).map_err(failed)?;
            held += bytes.len();
            batch.add(kind, Arc::new(bytes))?;
            if held >= AT_ONCE {
                unsynced = self.repo.place(&std::mem::take(&mut batch))?;
                held = 0;
            }
        }
        let unsynced = self.repo.place(&batch)?.or(unsynced);
        let unsynced: Vec<PathBuf> = unsynced.into_iter().collect();
        self.repo.sync(&unsynced)
    }

    /// Takes over the packs that git made, of files that it did not hold in memory either.
    fn take_packs(&self) -> Result<Option<PathBuf>, GitError> {
        let mut unsynced = None;
        for pack in entries(&self.folder.join("pack")) {
            let Some(name) = pack.file_name().filter(|_| {
                let ending = pack.extension();
                ending.is_some_and(|ending| ending == "pack")
            }) else {
                continue;
            };
            let own = self.repo.incoming()?;
            let to = own.join(name);
            fs::rename(pack.with_extension("idx"), to.with_extension("idx"))
                .and_then(|()| fs::rename(&pack, &to))
                .map_err(|error| GitError::file("store", &pack, error))?;
            unsynced = Some(self.repo.admit(&own)?);
        }
        Ok(unsynced)
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
