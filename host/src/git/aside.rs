//! Git's own commands that write objects: they write them aside, and what they wrote is stored as everything else is.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use git2::Odb;

use super::command::{Answer, More, git_with};
use super::objects::ObjectId;
use super::write::{Batch, ObjectKind};
use super::{GitError, Repo};

impl Repo {
    /// Runs a git command, and stores what it wrote if it ended with one of these codes.
    ///
    /// What git writes by itself, as `git merge-tree` does, is loose: a `git gc --prune=now` could take it before a ref moves.
    pub(super) fn git_aside(
        &self,
        dir: &Path,
        arguments: &[&str],
        stored_for: &[i32],
    ) -> Result<Answer, GitError> {
        let folder = self.incoming()?;
        let objects = self.common_dir().join("objects");
        let variables = [
            ("GIT_OBJECT_DIRECTORY", folder.as_os_str()),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &quoted(&objects)),
        ];
        let more = More {
            variables: &variables,
            ..More::default()
        };
        let answer = git_with(dir, &more, arguments)?;
        if stored_for.contains(&answer.code) {
            self.store(&self.written(&folder)?)?;
        }
        Self::forget_incoming(&folder);
        Ok(answer)
    }

    /// Reads all objects that lie in a folder.
    fn written(&self, folder: &Path) -> Result<Batch, GitError> {
        let failed = |error: git2::Error| self.library("read what git wrote", &error);
        let odb = Odb::new().map_err(failed)?;
        odb.add_disk_alternate(&folder.to_string_lossy())
            .map_err(failed)?;
        let mut ids = Vec::new();
        odb.foreach(|id| {
            ids.push(*id);
            true
        })
        .map_err(failed)?;
        let mut batch = Batch::default();
        for id in ids {
            let object = odb.read(id).map_err(failed)?;
            let kind = ObjectKind::of(object.kind()).ok_or_else(|| GitError::Object {
                id: ObjectId(id).to_string(),
                kind: "blob, tree or commit",
                reason: format!("it is a {}", object.kind()),
            })?;
            batch.add(kind, Arc::new(object.data().to_vec()))?;
        }
        Ok(batch)
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
