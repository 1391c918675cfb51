//! A merge that waits for decisions: kept with its execution, so that any process sees it and none of it is collected.
//!
//! Its ref points at a commit whose tree holds the list of conflicts and every object that it names. That commit's parent is
//! the *work*: the tree as far as it is decided, files in conflict with both sides between markers. Calls of the execution
//! start from it. The first work has the two sides of the merge as parents, each later one the work before it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::SCHEMA;
use super::{ExecutionError, Executions, MergeOutcome};
use crate::git::{
    BlobId, Conflict, Conflicted, Entry, Mode, Moved, NewCommit, ObjectId, RefName, Side, TreeId,
    TreePath,
};
use crate::model::{BranchName, CallId, CommitId, ExecutionId, ExecutionRecord, MergeStrategy};

/// The ref that holds it.
const LEAF: &str = "conflict";

/// The names in the tree of its commit.
const LIST: &[u8] = b"conflicts.json";
const OBJECTS: &[u8] = b"objects";

/// A merge that waits for decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unresolved {
    /// The version of this form: 1.
    schema: u32,
    /// The branch that was to be merged into.
    pub target: BranchName,
    /// Its commit then: "ours".
    pub onto: CommitId,
    /// The execution's newest commit: "theirs".
    pub tip: CommitId,
    /// What its merge was to leave on the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) strategy: Option<MergeStrategy>,
    /// The paths, decided or not.
    pub conflicts: Vec<OpenConflict>,
    /// What is to be said of the calls that decided some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) trailers: Vec<(String, String)>,
    /// The tree as far as it is decided.
    #[serde(skip)]
    pub(super) work: Option<CommitId>,
    /// Where it is stored now.
    #[serde(skip)]
    pub(super) stored: Option<CommitId>,
}

/// One path of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConflict {
    /// What is in conflict.
    #[serde(flatten)]
    pub conflict: Conflict,
    /// How it was decided; none while it waits.
    pub resolved: Option<Resolution>,
}

/// How a path was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    /// By what.
    pub by: ResolvedBy,
    /// What is at the path now; none if nothing is.
    pub now: Option<Side>,
    /// The call that decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
}

/// What decided a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolvedBy {
    /// The target's side was taken.
    Ours,
    /// The execution's side was taken.
    Theirs,
    /// A person gave a file.
    File,
    /// A call of the execution wrote it.
    Call,
    /// Neither side has it any more.
    Gone,
}

impl Unresolved {
    /// Returns the paths that wait for a decision.
    pub fn open(&self) -> impl Iterator<Item = &OpenConflict> {
        self.conflicts.iter().filter(|one| one.resolved.is_none())
    }

    /// Returns the same as text.
    pub fn open_paths(&self) -> Vec<String> {
        self.open()
            .map(|one| one.conflict.path.to_string())
            .collect()
    }

    pub(super) fn outcome(&self) -> MergeOutcome {
        MergeOutcome::Conflict {
            paths: self.open_paths(),
            target: self.target.clone(),
            conflicts: self.open().cloned().collect(),
        }
    }
}

impl Executions {
    /// Returns the merge of an execution that waits for decisions, unless its branch moved since.
    pub fn unresolved(&self, id: &ExecutionId) -> Result<Option<Unresolved>, ExecutionError> {
        let record = self.record(id)?;
        let Some(unresolved) = self.read_conflict(id)? else {
            return Ok(None);
        };
        let tip = self
            .repo
            .read_commit_ref(&RefName::branch(&record.branch))?;
        Ok(Some(unresolved).filter(|one| tip.as_ref() == Some(&one.tip)))
    }

    /// Gives up what was decided; the branch stays as it is, and a merge begins anew. What was decided, and what calls wrote
    /// meanwhile, is kept under the ref that is returned, until a cleanup.
    pub fn abandon_merge(&self, id: &ExecutionId) -> Result<Option<String>, ExecutionError> {
        let _lock = super::lock::Lock::take(&self.repo, id)?
            .ok_or_else(|| ExecutionError::Running { id: id.clone() })?;
        let Some(unresolved) = self.unresolved(id)? else {
            return Err(ExecutionError::NoConflict { id: id.clone() });
        };
        let kept = match &unresolved.work {
            Some(work) => Some(self.keep_under(id, "abandoned", work)?),
            None => None,
        };
        self.forget_conflict(id)?;
        Ok(kept)
    }

    /// Keeps what a merge could not decide. What was decided before of the same three sides stays decided: if that is all of
    /// it, the branch moves on and there is no outcome yet.
    pub(super) fn keep_conflict(
        &self,
        record: &ExecutionRecord,
        (target, strategy): (&BranchName, MergeStrategy),
        [onto, tip]: [&CommitId; 2],
        conflicted: Conflicted,
    ) -> Result<Option<MergeOutcome>, ExecutionError> {
        let mut before = self.read_conflict(&record.id)?;
        if let Some(before) = &mut before
            && (&before.onto, &before.tip, &before.target) == (onto, tip, target)
        {
            if before.open().next().is_some() {
                if before.strategy.replace(strategy) != Some(strategy) {
                    self.write_conflict(&record.id, before)?;
                }
                return Ok(Some(before.outcome()));
            }
            // A process ended between the last decision and the branch's move.
            self.finish_conflict(record, before)?;
            return Ok(None);
        }
        let mut unresolved = Unresolved {
            schema: SCHEMA,
            target: target.clone(),
            strategy: Some(strategy),
            onto: onto.clone(),
            tip: tip.clone(),
            conflicts: Vec::new(),
            trailers: Vec::new(),
            work: None,
            stored: before.as_ref().and_then(|before| before.stored.clone()),
        };
        let mut changes = self.label(record, target, [onto, tip], &conflicted)?;
        for mut conflict in conflicted.conflicts {
            conflict.said = conflict
                .said
                .replace(onto.as_str(), target.as_str())
                .replace(tip.as_str(), record.branch.as_str());
            let gone =
                conflict.base.is_some() && conflict.ours.is_none() && conflict.theirs.is_none();
            let mut resolved = gone.then_some(Resolution {
                by: ResolvedBy::Gone,
                now: None,
                call: None,
            });
            let same = |one: &&OpenConflict| {
                let old = &one.conflict;
                (&old.path, old.base, old.ours, old.theirs)
                    == (
                        &conflict.path,
                        conflict.base,
                        conflict.ours,
                        conflict.theirs,
                    )
            };
            if let Some(old) = before
                .iter()
                .flat_map(|before| &before.conflicts)
                .find(same)
                && let Some(resolution) = &old.resolved
                && !gone
            {
                changes.extend(conflict.beside.iter().map(|path| (path.clone(), None)));
                changes.push((conflict.path.clone(), resolution.now));
                resolved = Some(resolution.clone());
            }
            unresolved
                .conflicts
                .push(OpenConflict { conflict, resolved });
        }
        if let Some(before) = before {
            unresolved.trailers = before.trailers;
        }
        let tree = self.repo.grafted(conflicted.tree, &changes)?;
        unresolved.work = Some(self.repo.make_commit(&NewCommit {
            tree,
            parents: &[onto.clone(), tip.clone()],
            message: &format!(
                "Merge of execution {} into {target}, not decided yet",
                record.id
            ),
            trailers: &[("Paracle-Execution".to_owned(), record.id.to_string())],
        })?);
        if unresolved.open().next().is_none() {
            self.finish_conflict(record, &unresolved)?;
            return Ok(None);
        }
        self.write_conflict(&record.id, &mut unresolved)?;
        Ok(Some(unresolved.outcome()))
    }

    /// Names the sides in markers by their branches: a merge of commits names them by their ids.
    fn label(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        [onto, tip]: [&CommitId; 2],
        conflicted: &Conflicted,
    ) -> Result<Vec<(TreePath, Option<Side>)>, ExecutionError> {
        let mut changes = Vec::new();
        for conflict in &conflicted.conflicts {
            let (Some(_), Some(_)) = (conflict.ours, conflict.theirs) else {
                continue;
            };
            let Some(entry) = self
                .repo
                .entry_at(conflicted.tree, &conflict.path)?
                .filter(|entry| entry.mode.is_file())
            else {
                continue;
            };
            let text = self.repo.blob(BlobId::new(entry.id))?;
            let Ok(text) = std::str::from_utf8(&text) else {
                continue;
            };
            let named = text
                .replace(&format!("<<<<<<< {onto}"), &format!("<<<<<<< {target}"))
                .replace(
                    &format!(">>>>>>> {tip}"),
                    &format!(">>>>>>> {}", record.branch),
                );
            if named != text {
                let id = self.repo.store_blob(named.into_bytes())?;
                let mode = entry.mode;
                changes.push((conflict.path.clone(), Some(Side { mode, id })));
            }
        }
        Ok(changes)
    }

    /// Returns the ref that holds a merge that waits, and by that the work on it.
    pub(super) fn conflict_ref(id: &ExecutionId) -> String {
        RefName::execution(id, LEAF).to_string()
    }

    /// Lets go of a merge that waited.
    pub(super) fn forget_conflict(&self, id: &ExecutionId) -> Result<(), ExecutionError> {
        self.pin(id, LEAF, None)
    }

    pub(super) fn read_conflict(
        &self,
        id: &ExecutionId,
    ) -> Result<Option<Unresolved>, ExecutionError> {
        let Some(stored) = self.repo.read_commit_ref(&RefName::execution(id, LEAF))? else {
            return Ok(None);
        };
        let bad = |reason: String| ExecutionError::BadRecord {
            id: id.to_string(),
            reason,
        };
        let commit = self.repo.commit(&stored)?;
        let list = self
            .repo
            .entry_at(commit.tree, &TreePath::new(LIST))?
            .ok_or_else(|| bad("its conflicts are not listed".to_owned()))?;
        let bytes = self.repo.blob(BlobId::new(list.id))?;
        let mut unresolved: Unresolved =
            serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if unresolved.schema != SCHEMA {
            return Err(bad(format!(
                "the form of its conflicts has version {}, and this host reads version {SCHEMA}",
                unresolved.schema
            )));
        }
        unresolved.work = commit.parents.into_iter().next();
        unresolved.stored = Some(stored);
        Ok(Some(unresolved))
    }

    /// Stores a merge that waits in the place of what it was read from; false if another process changed that meanwhile.
    pub(super) fn write_conflict(
        &self,
        id: &ExecutionId,
        unresolved: &mut Unresolved,
    ) -> Result<bool, ExecutionError> {
        let json =
            serde_json::to_vec_pretty(unresolved).map_err(|error| ExecutionError::BadRecord {
                id: id.to_string(),
                reason: error.to_string(),
            })?;
        let mut changes = vec![(
            TreePath::new(LIST),
            Some(Side {
                mode: Mode::FILE,
                id: self.repo.store_blob(json)?,
            }),
        )];
        // A base that was merged itself is in no commit: held here, it is not collected.
        for (object, mode) in objects(unresolved) {
            let name = [OBJECTS, b"/", object.to_string().as_bytes()].concat();
            changes.push((TreePath::new(name), Some(Side { mode, id: object })));
        }
        let tree = self.repo.grafted(TreeId::empty(), &changes)?;
        let parents: Vec<CommitId> = unresolved.work.iter().cloned().collect();
        let new = self.repo.make_commit(&NewCommit {
            tree,
            parents: &parents,
            message: &format!("Conflicts of execution {id}"),
            trailers: &[],
        })?;
        let moved = self.repo.move_commit_ref(
            &RefName::execution(id, LEAF),
            unresolved.stored.as_ref(),
            Some(&new),
        )?;
        if moved == Moved::Yes {
            unresolved.stored = Some(new);
        }
        Ok(moved == Moved::Yes)
    }
}

/// Returns the objects that a list of conflicts names, each once, with a mode that a tree may hold it by.
fn objects(unresolved: &Unresolved) -> BTreeMap<ObjectId, Mode> {
    let sides = unresolved.conflicts.iter().flat_map(|one| {
        let conflict = &one.conflict;
        let now = one.resolved.as_ref().and_then(|resolved| resolved.now);
        [conflict.base, conflict.ours, conflict.theirs, now]
    });
    sides
        .flatten()
        .filter_map(|side| {
            let mode = if side.mode.is_tree() {
                Mode::TREE
            } else if side.mode == Mode::GITLINK {
                // A commit of another repository.
                return None;
            } else {
                Mode::FILE
            };
            Some((side.id, mode))
        })
        .collect()
}

/// Returns what an entry has, without its name.
pub(super) fn side_of(entry: &Entry) -> Side {
    Side {
        mode: entry.mode,
        id: entry.id,
    }
}
