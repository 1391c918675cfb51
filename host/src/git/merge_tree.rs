//! `git merge-tree`: git's own merge, which knows renames, asked where ours would see a conflict.

use std::ffi::OsStr;
use std::str::from_utf8;

use git2::Oid;

use super::command::Answer;
use super::conflict::{Conflicted, Message, Side, Staged, conflicts};
use super::objects::{ObjectId, TreeId};
use super::tree::Mode;
use super::{GitError, Merge, Repo, TreePath};
use crate::model::CommitId;

impl Repo {
    /// Asks git to merge two commits without a working tree.
    pub(super) fn ask_merge_tree(
        &self,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Merge, GitError> {
        self.ask_merge_tree_on(None, ours, theirs)
    }

    /// Asks git to merge two commits as if they came from a third.
    pub(super) fn ask_merge_tree_on(
        &self,
        base: Option<&CommitId>,
        ours: &CommitId,
        theirs: &CommitId,
    ) -> Result<Merge, GitError> {
        let dir = self.git_dir();
        let base = base.map(|base| format!("--merge-base={base}"));
        let mut words = vec!["merge-tree", "--write-tree", "-z", "--messages"];
        words.extend(base.as_deref());
        words.extend([ours.as_str(), theirs.as_str()]);
        let aside = self.aside()?;
        // What a merge in a checkout of ours would read; versions before 2.41 do not know how to.
        let attributes = [("GIT_ATTR_SOURCE", OsStr::new(ours.as_str()))];
        let answer = aside.git(dir, &attributes, &words)?;
        let Some(read) = read(&answer) else {
            return Err(answer.error("merge-tree", dir));
        };
        let (tree, staged, messages) = read;
        aside.store()?;
        if answer.code == 0 {
            return Ok(Merge::Clean(tree));
        }
        let mut conflicts = conflicts(staged, &messages);
        // A side that is a directory has no stage: only its commit has it.
        for conflict in conflicts
            .iter_mut()
            .filter(|one| !one.beside.is_empty() || (one.ours.is_none() && one.theirs.is_none()))
        {
            for (side, commit) in [(&mut conflict.ours, ours), (&mut conflict.theirs, theirs)] {
                if side.is_none()
                    && let Some(entry) = self.entry_at(self.commit(commit)?.tree, &conflict.path)?
                    && entry.mode.is_tree()
                {
                    *side = Some(Side::of(&entry));
                }
            }
        }
        Ok(Merge::Conflict(Box::new(Conflicted { tree, conflicts })))
    }
}

/// Reads what git answered; `None` if it did not merge.
fn read(answer: &Answer) -> Option<(TreeId, Vec<Staged>, Vec<Message>)> {
    if !matches!(answer.code, 0 | 1) {
        return None;
    }
    let mut fields = answer.stdout.split(|&byte| byte == 0);
    let id = |text: &[u8]| Oid::from_str(from_utf8(text).ok()?).ok().map(ObjectId);
    let tree = TreeId::new(id(fields.next()?)?);
    let mut staged = Vec::new();
    // The list ends with an empty field; messages follow.
    for field in fields.by_ref().take_while(|field| !field.is_empty()) {
        let tab = field.iter().position(|&byte| byte == b'\t')?;
        let (info, path) = (&field[..tab], &field[tab + 1..]);
        let mut info = info.split(|&byte| byte == b' ');
        let mode = u32::from_str_radix(from_utf8(info.next()?).ok()?, 8).ok()?;
        staged.push(Staged {
            side: Side {
                mode: Mode(mode),
                id: id(info.next()?)?,
            },
            stage: from_utf8(info.next()?).ok()?.parse().ok()?,
            path: TreePath::new(path),
        });
    }
    let mut messages = Vec::new();
    while let Some(count) = fields.next().filter(|field| !field.is_empty()) {
        let count: usize = from_utf8(count).ok()?.parse().ok()?;
        let paths = fields.by_ref().take(count).map(TreePath::new).collect();
        let mut text = || Some(String::from_utf8_lossy(fields.next()?).into_owned());
        messages.push(Message {
            paths,
            kind: text()?,
            text: text()?,
        });
    }
    Some((tree, staged, messages))
}
