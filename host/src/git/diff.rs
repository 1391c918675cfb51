//! What differs between two trees.

use git2::{DiffFormat, DiffOptions};

use super::objects::TreeId;
use super::tree::{Entry, TREE_DEPTH};
use super::write::Batch;
use super::{GitError, Repo};
use crate::model::{Edit, EditKind};

/// A unified patch, perhaps cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The text; bytes that are not UTF-8 are shown as U+FFFD.
    pub text: String,
    /// Whether lines are missing at the end.
    pub cut: bool,
}

/// How many lines of a file differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCount {
    /// The file.
    pub path: String,
    /// Lines that are new, and lines that are gone; none of a binary file.
    pub lines: Option<(usize, usize)>,
}

impl Repo {
    /// Counts the lines that differ between two trees, file by file, and writes the unified patch, at most about `limit` bytes of
    /// it.
    pub fn patch(
        &self,
        from: TreeId,
        to: TreeId,
        limit: usize,
    ) -> Result<(Vec<LineCount>, Patch), GitError> {
        self.with(|git| {
            let failed = |error: git2::Error| self.library("compare two trees", &error);
            let from = git.find_tree(from.object().0).map_err(failed)?;
            let to = git.find_tree(to.object().0).map_err(failed)?;
            let diff = git
                .diff_tree_to_tree(Some(&from), Some(&to), Some(&mut DiffOptions::new()))
                .map_err(failed)?;
            let counts = line_counts(&diff).map_err(failed)?;
            Ok((counts, printed(&diff, limit).map_err(failed)?))
        })
    }

    /// Lists the paths that differ, by path; reads only directories that differ.
    pub fn edits(&self, from: TreeId, to: TreeId) -> Result<Vec<Edit>, GitError> {
        self.edits_with(&Batch::default(), from, to)
    }

    /// Lists the paths that differ where the newer tree may not be stored yet.
    pub fn edits_with(
        &self,
        batch: &Batch,
        from: TreeId,
        to: TreeId,
    ) -> Result<Vec<Edit>, GitError> {
        let mut edits = Vec::new();
        let mut path = Vec::new();
        Walk {
            repo: self,
            batch,
            edits: &mut edits,
        }
        .directory(Some(from), Some(to), &mut path, 0)?;
        edits.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(edits)
    }
}

fn line_counts(diff: &git2::Diff<'_>) -> Result<Vec<LineCount>, git2::Error> {
    let mut counts = Vec::new();
    for (at, delta) in diff.deltas().enumerate() {
        let lines = match git2::Patch::from_diff(diff, at)? {
            Some(patch) if !patch.delta().flags().is_binary() => {
                let (_, added, removed) = patch.line_stats()?;
                Some((added, removed))
            }
            _ => None,
        };
        let name = delta
            .new_file()
            .path_bytes()
            .or(delta.old_file().path_bytes());
        counts.push(LineCount {
            path: String::from_utf8_lossy(name.unwrap_or_default()).into_owned(),
            lines,
        });
    }
    Ok(counts)
}

fn printed(diff: &git2::Diff<'_>, limit: usize) -> Result<Patch, git2::Error> {
    let mut bytes = Vec::new();
    let mut cut = false;
    let printed = diff.print(DiffFormat::Patch, |_, _, line| {
        let origin = line.origin();
        if bytes.len() + line.content().len() >= limit {
            cut = true;
            return false;
        }
        if matches!(origin, '+' | '-' | ' ') {
            bytes.push(origin as u8);
        }
        bytes.extend_from_slice(line.content());
        true
    });
    match printed {
        Err(error) if !cut => Err(error),
        _ => Ok(Patch {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            cut,
        }),
    }
}

struct Walk<'a> {
    repo: &'a Repo,
    batch: &'a Batch,
    edits: &'a mut Vec<Edit>,
}

impl Walk<'_> {
    fn directory(
        &mut self,
        from: Option<TreeId>,
        to: Option<TreeId>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), GitError> {
        if depth > TREE_DEPTH {
            return Err(GitError::TooDeep { limit: TREE_DEPTH });
        }
        if from == to {
            return Ok(());
        }
        let read = |id: Option<TreeId>| -> Result<Vec<Entry>, GitError> {
            let mut entries =
                id.map_or(Ok(Vec::new()), |id| self.batch.read_tree(self.repo, id))?;
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(entries)
        };
        let (old, new) = (read(from)?, read(to)?);
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        loop {
            let (a, b) = match (old.peek(), new.peek()) {
                (None, None) => return Ok(()),
                (Some(a), Some(b)) if a.name == b.name => (old.next(), new.next()),
                (Some(a), Some(b)) if a.name > b.name => (None, new.next()),
                (Some(_), _) => (old.next(), None),
                (None, Some(_)) => (None, new.next()),
            };
            self.entry(a, b, path, depth)?;
        }
    }

    fn entry(
        &mut self,
        old: Option<&Entry>,
        new: Option<&Entry>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), GitError> {
        let Some(either) = old.or(new) else {
            return Ok(());
        };
        if let (Some(old), Some(new)) = (old, new)
            && old.id == new.id
            && old.mode == new.mode
        {
            return Ok(());
        }
        let length = path.len();
        if length > 0 {
            path.push(b'/');
        }
        path.extend_from_slice(&either.name);
        let tree = |entry: Option<&Entry>| {
            entry
                .filter(|entry| entry.mode.is_tree())
                .map(|entry| TreeId::new(entry.id))
        };
        let leaf = |entry: Option<&Entry>| entry.is_some_and(|entry| !entry.mode.is_tree());
        let kind = match (leaf(old), leaf(new)) {
            (false, false) => None,
            (true, true) => Some(EditKind::Modified),
            (true, false) => Some(EditKind::Deleted),
            (false, true) => Some(EditKind::Added),
        };
        if let Some(kind) = kind {
            self.edits.push(Edit {
                path: String::from_utf8_lossy(path).into_owned(),
                kind,
            });
        }
        if tree(old).is_some() || tree(new).is_some() {
            self.directory(tree(old), tree(new), path, depth + 1)?;
        }
        path.truncate(length);
        Ok(())
    }
}
