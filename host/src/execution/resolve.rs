//! Deciding what a merge could not: by a person, path by path, and by calls that write the files.

use std::sync::PoisonError;

use super::lock::Lock;
use super::unresolved::side_of;
use super::{
    Execution, ExecutionError, Executions, NewCheckpoint, OpenConflict, Resolution, ResolvedBy,
    Unresolved,
};
use crate::git::{
    Advance, Batch, BlobId, Conflict, Merge, Mode, NewCommit, Side, TreeId, TreePath,
};
use crate::model::{CommitId, ExecutionId, ExecutionRecord};

/// How often what others change too is tried again.
const TRIES: usize = 50;

/// What a person takes for a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// What the branch that is merged to has.
    Ours,
    /// What the execution has.
    Theirs,
    /// A file.
    File {
        /// What it holds.
        content: Vec<u8>,
        /// Whether it may hold lines that look like git's markers of a conflict.
        with_markers: bool,
    },
}

/// What is left after a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The merge, as far as it is decided.
    pub merge: Unresolved,
    /// The commit before the decision's; none once nothing is left, because then the target's changes are in it, too.
    pub before: Option<CommitId>,
    /// The commit that has the decision: the execution's newest, once nothing is left.
    pub commit: CommitId,
    /// The ref that holds that commit as long as the branch does not have it.
    pub kept: Option<String>,
    /// Whether nothing is left, so that the execution can be merged.
    pub done: bool,
}

impl Executions {
    /// Decides one path of a merge that waits; not while a process has the execution open.
    pub fn resolve(
        &self,
        id: &ExecutionId,
        path: &TreePath,
        choice: Choice,
    ) -> Result<Decided, ExecutionError> {
        self.record(id)?;
        let _lock = Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let record = self.record(id)?;
        let none = || ExecutionError::NoConflict { id: id.clone() };
        let mut merge = self.unresolved(id)?.ok_or_else(none)?;
        let work = merge.work.clone().ok_or_else(none)?;
        let tree = self.repo.commit(&work)?.tree;
        let Some(one) = merge
            .conflicts
            .iter_mut()
            .find(|one| one.conflict.path == *path || one.conflict.beside.contains(path))
        else {
            return Err(ExecutionError::NotInConflict {
                id: id.clone(),
                path: path.clone(),
                paths: merge.open_paths(),
            });
        };
        let (now, by) = self.chosen(tree, &one.conflict, choice)?;
        let mut changes: Vec<_> = one
            .conflict
            .beside
            .iter()
            .map(|path| (path.clone(), None))
            .collect();
        changes.push((one.conflict.path.clone(), now));
        one.resolved = Some(Resolution {
            by,
            now,
            call: None,
        });
        let tree = self.repo.grafted(tree, &changes)?;
        let commit = self.repo.make_commit(&NewCommit {
            tree,
            parents: std::slice::from_ref(&work),
            message: &format!("Decide {path}"),
            trailers: &[("Paracle-Execution".to_owned(), id.to_string())],
        })?;
        merge.work = Some(commit);
        match self.keep_decided(&record, merge)? {
            Some(decided) => Ok(decided),
            // Who holds the lock is alone.
            None => Err(ExecutionError::Crowded {
                branch: record.branch,
            }),
        }
    }

    /// Returns what stands at a path by a person's choice.
    pub(super) fn chosen(
        &self,
        tree: TreeId,
        conflict: &Conflict,
        choice: Choice,
    ) -> Result<(Option<Side>, ResolvedBy), ExecutionError> {
        let there = self
            .repo
            .entry_at(tree, &conflict.path)?
            .map(|entry| side_of(&entry));
        let (side, by) = match choice {
            Choice::Ours => (conflict.ours, ResolvedBy::Ours),
            Choice::Theirs => (conflict.theirs, ResolvedBy::Theirs),
            Choice::File {
                content,
                with_markers,
            } => {
                if !with_markers && let Some(line) = marker(&content) {
                    return Err(ExecutionError::Markers {
                        path: conflict.path.clone(),
                        line,
                    });
                }
                let sides = [there, conflict.ours, conflict.theirs];
                let mode = sides
                    .into_iter()
                    .flatten()
                    .map(|side| side.mode)
                    .find(|mode| mode.is_file())
                    .unwrap_or(Mode::FILE);
                let id = self.repo.store_blob(content)?;
                return Ok((Some(Side { mode, id }), ResolvedBy::File));
            }
        };
        let merged_directory =
            |side: &Side| side.mode.is_tree() && there.is_some_and(|there| there.mode.is_tree());
        let nothing_to_choose = conflict.ours.is_none() && conflict.theirs.is_none();
        Ok(match side {
            // The directory was merged already, with what the other side changed in it.
            Some(side) if merged_directory(&side) => (there, by),
            None if nothing_to_choose => (there, by),
            side => (side, by),
        })
    }

    /// Stores decisions, and moves the branch if none is left; `None` if others decided something meanwhile.
    fn keep_decided(
        &self,
        record: &ExecutionRecord,
        mut merge: Unresolved,
    ) -> Result<Option<Decided>, ExecutionError> {
        if !self.write_conflict(&record.id, &mut merge)? {
            return Ok(None);
        }
        let done = merge.open().next().is_none();
        let (before, commit, kept) = if done {
            (None, self.finish_conflict(record, &merge)?, None)
        } else {
            let work = merge.work.clone().unwrap_or_else(|| merge.tip.clone());
            let before = self.repo.commit(&work)?.parents.into_iter().next();
            (before, work, Some(Self::conflict_ref(&record.id)))
        };
        Ok(Some(Decided {
            merge,
            before,
            commit,
            kept,
            done,
        }))
    }

    /// Moves the branch to the decided merge: from there on it has the target's commit, and merges like any other.
    pub(super) fn finish_conflict(
        &self,
        record: &ExecutionRecord,
        merge: &Unresolved,
    ) -> Result<CommitId, ExecutionError> {
        let work = merge.work.as_ref().unwrap_or(&merge.tip);
        let mut trailers = vec![("Paracle-Execution".to_owned(), record.id.to_string())];
        trailers.extend(merge.trailers.iter().cloned());
        let mut objects = Batch::default();
        let new = NewCommit {
            tree: self.repo.commit(work)?.tree,
            parents: &[merge.tip.clone(), merge.onto.clone()],
            message: &format!("Merge {} into execution {}", merge.target, record.id),
            trailers: &trailers,
        };
        let commit = self.repo.add_commit(&mut objects, &new)?;
        match self
            .repo
            .advance_own_branch(&objects, &record.branch, &merge.tip, &commit)?
        {
            Advance::Done => {
                self.forget_conflict(&record.id)?;
                Ok(commit)
            }
            Advance::Elsewhere => Err(ExecutionError::Crowded {
                branch: record.branch.clone(),
            }),
            Advance::Refused(why) => Err(ExecutionError::CheckedOut {
                branch: record.branch.clone(),
                why,
                kept: Self::conflict_ref(&record.id),
            }),
        }
    }

    /// Returns what a call of an execution starts from: the work of a merge that waits for decisions, or else its newest commit.
    pub fn work(&self, id: &ExecutionId) -> Result<CommitId, ExecutionError> {
        // Nearly always there is none, and then that is one look at one ref.
        let merge = match self.read_conflict(id)? {
            None => None,
            Some(_) => self.unresolved(id)?,
        };
        match merge.and_then(|merge| merge.work) {
            Some(work) => Ok(work),
            None => self.tip(id),
        }
    }

    /// Tells whether a commit is a work of the merge that an execution waits with.
    fn is_work(&self, merge: &Unresolved, commit: &CommitId) -> Result<bool, ExecutionError> {
        let mut next = merge.work.clone();
        while let Some(work) = next {
            if work == *commit {
                return Ok(true);
            }
            let parents = self.repo.commit(&work)?.parents;
            // The first work has two.
            next = match &parents[..] {
                [one] => Some(one.clone()),
                _ => None,
            };
        }
        Ok(false)
    }
}

impl Execution {
    /// Returns the merge that a call worked on, if it started from one.
    pub fn merge_of(&self, base: &CommitId) -> Result<Option<Unresolved>, ExecutionError> {
        if self.executions.read_conflict(&self.record.id)?.is_none() {
            return Ok(None);
        }
        match self.executions.unresolved(&self.record.id)? {
            Some(merge) if self.executions.is_work(&merge, base)? => Ok(Some(merge)),
            _ => Ok(None),
        }
    }

    /// Takes what a call left of a merge's work: a path in conflict that it wrote, and that holds no markers, is decided. None
    /// if the merge does not wait any more, or the call does not fit to what another one decided meanwhile.
    pub fn decide(
        &self,
        new: &NewCheckpoint<'_>,
        wrote: &dyn Fn(&TreePath) -> bool,
    ) -> Result<Option<Decided>, ExecutionError> {
        let executions = &self.executions;
        let repo = &executions.repo;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        repo.store(new.objects)?;
        let before = repo.commit(new.base)?.tree;
        for _ in 0..TRIES {
            let Some(mut merge) = self.merge_of(new.base)? else {
                return Ok(None);
            };
            let Some(work) = merge.work.clone() else {
                return Ok(None);
            };
            let tree = if work == *new.base {
                new.tree
            } else {
                let own = self.commit_work(new, new.base, new.tree)?;
                match repo.merge_on(new.base, &work, &own)? {
                    Merge::Clean(tree) => tree,
                    Merge::Conflict(_) => return Ok(None),
                }
            };
            let mut decided = Vec::new();
            for (at, one) in merge.conflicts.iter().enumerate() {
                if let Some(resolution) =
                    executions.decided_by_call(one, [before, new.tree, tree], wrote)?
                {
                    decided.push((at, resolution));
                }
            }
            for (at, mut resolution) in decided {
                resolution.call = Some(new.call);
                merge.conflicts[at].resolved = Some(resolution);
            }
            let own = new
                .trailers
                .iter()
                .filter(|one| one.0 != "Paracle-Execution");
            merge.trailers.extend(own.cloned());
            merge.work = Some(self.commit_work(new, &work, tree)?);
            if let Some(decided) = executions.keep_decided(&self.record, merge)? {
                return Ok(Some(decided));
            }
        }
        Err(ExecutionError::Crowded {
            branch: self.record.branch.clone(),
        })
    }

    fn commit_work(
        &self,
        new: &NewCheckpoint<'_>,
        parent: &CommitId,
        tree: TreeId,
    ) -> Result<CommitId, ExecutionError> {
        Ok(self.executions.repo.make_commit(&NewCommit {
            tree,
            parents: std::slice::from_ref(parent),
            message: new.message,
            trailers: new.trailers,
        })?)
    }
}

impl Executions {
    /// Tells whether a call decided a path, and what is there now.
    fn decided_by_call(
        &self,
        one: &OpenConflict,
        [before, after, merged]: [TreeId; 3],
        wrote: &dyn Fn(&TreePath) -> bool,
    ) -> Result<Option<Resolution>, ExecutionError> {
        let conflict = &one.conflict;
        let mut touched = false;
        for path in std::iter::once(&conflict.path).chain(&conflict.beside) {
            let entries = (
                self.repo.entry_at(before, path)?,
                self.repo.entry_at(after, path)?,
            );
            touched |= entries.0 != entries.1 || wrote(path);
        }
        if !touched {
            return Ok(None);
        }
        for path in &conflict.beside {
            if self.repo.entry_at(merged, path)?.is_some() {
                // Both sides are still there, under two names.
                return Ok(None);
            }
        }
        let entry = self.repo.entry_at(merged, &conflict.path)?;
        if let Some(entry) = entry.as_ref().filter(|entry| entry.mode.is_file())
            && marker(&self.repo.blob(BlobId::new(entry.id))?).is_some()
        {
            return Ok(None);
        }
        Ok(Some(Resolution {
            by: ResolvedBy::Call,
            now: entry.as_ref().map(side_of),
            call: None,
        }))
    }
}

/// Returns the number of the first line that begins as git's markers of the two sides do.
fn marker(text: &[u8]) -> Option<usize> {
    let found = text.split(|&byte| byte == b'\n').position(|line| {
        [b"<<<<<<<".as_slice(), b">>>>>>>"].iter().any(|marker| {
            line.strip_prefix(*marker)
                .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\r')))
        })
    });
    found.map(|at| at + 1)
}
