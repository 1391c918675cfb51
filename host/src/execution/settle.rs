//! From an outcome to a receipt: what a call changed is committed, or given up with the reason.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{
    Base, Checkpoint, Completed, Decided, Ending, Execution, ExecutionError, Executions,
    NewCheckpoint, Started,
};
use super::{left_out, receipt};
use crate::git::{Dirty, GitError, Repo, TreePath};
use crate::model::{
    CallId, CommitId, Edit, ExecutionId, ExecutionRecord, ExecutionSettings, Landed, Receipt,
};
use crate::policy::Permit;
use crate::sandbox::Outcome;
use crate::workspace::{FsError, GitTree, Names, Written};

/// Uncommitted paths that a receipt names, at the most.
const DIRTY_PATHS: usize = 10;

/// Why an outcome could not be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The execution, or its repository, failed.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The tree could not be stored.
    #[error("what the call wrote cannot be stored: {0}")]
    Tree(#[from] FsError),
    /// Another call changed the same lines meanwhile.
    #[error(
        "the call conflicts with another call of execution {execution} in {}; its changes are kept under refs/paracle/executions/{execution}/conflicts/{call}: call again to work on the newest state, or take them over with `paracle-host execution apply {execution} {call}` once it is closed",
        paths.join(", ")
    )]
    Conflict {
        /// Which execution.
        execution: ExecutionId,
        /// The call.
        call: CallId,
        /// The paths.
        paths: Vec<String>,
    },
}

/// The executions of one repository that this process has open, each from its first write on.
pub struct Workbench {
    pub(super) executions: Executions,
    settings: ExecutionSettings,
    pub(super) open: Mutex<HashMap<ExecutionId, Arc<Execution>>>,
    /// Where executions begin that were told so.
    pub(super) planned: Mutex<HashMap<ExecutionId, Started>>,
}

impl Workbench {
    /// Looks after the executions of a repository.
    pub fn new(repo: Repo, settings: ExecutionSettings) -> Self {
        Self {
            executions: Executions::new(repo),
            settings: settings.at_the_end(),
            open: Mutex::default(),
            planned: Mutex::default(),
        }
    }

    /// Returns the executions of the repository.
    pub const fn executions(&self) -> &Executions {
        &self.executions
    }

    fn opened(&self, id: &ExecutionId) -> Option<Arc<Execution>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(id).cloned()
    }

    /// Returns what a call of an execution starts from: its newest commit, or what it would begin with.
    pub fn base_of(&self, permit: &Permit) -> Result<(Repo, CommitId), ExecutionError> {
        if let Some(at) = &permit.call().at {
            return Ok((self.executions.repo().clone(), at.clone()));
        }
        let id = &permit.call().execution;
        let commit = match self.opened(id) {
            Some(_) => self.executions.work(id)?,
            None => match self.executions.work(id) {
                Ok(tip) => tip,
                Err(ExecutionError::Unknown { .. }) => self.base(id)?.commit,
                Err(error) => return Err(error),
            },
        };
        Ok((self.executions.repo().clone(), commit))
    }

    fn base(&self, id: &ExecutionId) -> Result<Base, ExecutionError> {
        if let Some(started) = self.planned(id) {
            return Ok(started.base);
        }
        match &self.settings.base_branch {
            None => self.executions.base(None),
            Some(branch) => self
                .executions
                .base(Some(branch.as_str()))
                .map_err(|source| ExecutionError::BaseBranch {
                    branch: branch.clone(),
                    source: Box::new(source),
                }),
        }
    }

    fn has_unresolved(&self, id: &ExecutionId) -> Result<bool, ExecutionError> {
        match self.executions.unresolved(id) {
            Ok(merge) => Ok(merge.is_some()),
            Err(ExecutionError::Unknown { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Opens an execution for a call's first write: starts it, or goes on with one that a process left.
    fn open(&self, id: &ExecutionId, commit: &CommitId) -> Result<Arc<Execution>, ExecutionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(execution) = open.get(id) {
            return Ok(execution.clone());
        }
        let execution = match self.executions.show(id) {
            Ok(_) => self.executions.resume(id)?,
            Err(ExecutionError::Unknown { .. }) => {
                let base = Base {
                    commit: commit.clone(),
                    branch: self.base(id)?.branch,
                };
                match self.executions.start(id, &base) {
                    // Another process began it since it was looked for.
                    Err(ExecutionError::Exists { .. }) if self.planned(id).is_none() => {
                        self.executions.resume(id)?
                    }
                    started => started?,
                }
            }
            Err(error) => return Err(error),
        };
        let execution = Arc::new(execution);
        open.insert(id.clone(), execution.clone());
        Ok(execution)
    }

    /// Lists what is uncommitted in the person's checkout, which no call sees unless its execution began with it.
    pub fn unseen(&self, id: &ExecutionId) -> Result<Vec<String>, GitError> {
        if let Some(included) = self.planned(id).and_then(|started| started.included) {
            return Ok(vec![included.told()]);
        }
        let Dirty { mut paths, more } = self.executions.repo().dirty_paths(DIRTY_PATHS)?;
        // The host's own folder is not the person's work.
        paths.retain(|path| !path.starts_with(".parac/"));
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let since = match self.executions.record(id) {
            Ok(record) if record.uncommitted_on.is_some() => {
                ", but for what was so when its execution began"
            }
            _ => "",
        };
        Ok(vec![format!(
            "the call did not see what is uncommitted in the checkout{since}: {}{more}",
            paths.join(", ")
        )])
    }

    /// Completes an execution: merges it if that is asked for, or else keeps its branch. None if it wrote nothing.
    pub fn complete(
        &self,
        id: &ExecutionId,
        success: bool,
        ending: &Ending<'_>,
    ) -> Result<Option<Completed>, ExecutionError> {
        let execution = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.remove(id)
        };
        self.planned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        let Some(execution) = execution.map(Arc::try_unwrap) else {
            return Ok(None);
        };
        match execution {
            Ok(execution) => execution
                .complete_with(success, &self.settings, ending)
                .map(Some),
            Err(_) => Err(ExecutionError::Busy { id: id.clone() }),
        }
    }

    /// Gives an execution up that this process may have open; calls of it that still run land nothing.
    pub fn discard(&self, id: &ExecutionId) -> Result<ExecutionRecord, ExecutionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.remove(id).map(Arc::try_unwrap) {
            None => {
                drop(open);
                self.executions.discard(id)
            }
            Some(Ok(execution)) => execution.discard(),
            Some(Err(busy)) => {
                open.insert(id.clone(), busy);
                Err(ExecutionError::Busy { id: id.clone() })
            }
        }
    }

    fn land(
        &self,
        permit: &Permit,
        tree: &GitTree,
        (notes, given_up): (&mut Vec<String>, &mut Vec<Edit>),
        claim: Option<(String, String)>,
    ) -> Result<Option<Landed>, SettleError> {
        let Written {
            tree: written,
            edits,
            empty_directories,
        } = tree.write_tree()?;
        if !empty_directories.is_empty() {
            notes.push(format!(
                "empty directories are not kept by git: {}",
                Names::of(empty_directories)
            ));
        }
        // A file that is written as it was decides a conflict all the same.
        if edits.is_empty() && !tree.wrote(&TreePath::default()) {
            return Ok(None);
        }
        if !self.settings.auto_commit {
            notes.push(format!(
                "{} path(s) were changed and not committed, because nothing is to be (`auto_commit: false`, or `--no-commit`): {}",
                edits.len(),
                named(&edits)
            ));
            *given_up = edits;
            return Ok(None);
        }
        let call = permit.call();
        if edits.is_empty() && !self.has_unresolved(&call.execution)? {
            return Ok(None);
        }
        let execution = self.open(&call.execution, tree.base())?;
        let new = NewCheckpoint {
            call: call.id,
            base: tree.base(),
            tree: written,
            message: &format!("[{}] {}", call.execution, call.verb.name()),
            trailers: &trailers(permit, claim),
        };
        let record = execution.record();
        let decided = match execution.merge_of(tree.base())? {
            None => None,
            Some(_) => execution.decide(&new, &|path| tree.wrote(path))?,
        };
        if let Some(decided) = decided {
            notes.push(told(&decided, &call.execution));
            return Ok(Some(Landed {
                branch: record.branch.clone(),
                base: record.base_commit.clone(),
                before: decided.before,
                commit: decided.commit,
                kept: decided.kept,
                changed: edits,
            }));
        }
        let checkpoint = execution.checkpoint(&new)?;
        let landed = |before, commit| Landed {
            branch: record.branch.clone(),
            base: record.base_commit.clone(),
            before,
            commit,
            kept: None,
            changed: edits,
        };
        match checkpoint {
            Checkpoint::Unchanged(commit) => Ok(Some(landed(None, commit))),
            Checkpoint::Committed {
                before,
                commit,
                merged,
                ..
            } => {
                if merged {
                    notes.push(
                        "the changes were merged with those of a call that ran at the same time"
                            .to_owned(),
                    );
                }
                Ok(Some(landed(Some(before), commit)))
            }
            Checkpoint::Conflict { paths, .. } => Err(SettleError::Conflict {
                execution: call.execution.clone(),
                call: call.id,
                paths,
            }),
        }
    }
}

impl Workbench {
    /// Settles an outcome with the tree as its call left it: commits what the call wrote, and says where it is. A call that
    /// answered with an error leaves nothing behind. `claim` is one more trailer of the commit.
    pub fn settle(
        &self,
        outcome: Outcome,
        tree: &GitTree,
        mut notes: Vec<String>,
        claim: Option<(String, String)>,
    ) -> Result<Receipt, SettleError> {
        let (mut landed, mut given_up) = (None, Vec::new());
        if outcome.permit.call().at.is_some() {
            let edits = tree.edits()?;
            if !edits.is_empty() {
                notes.push(format!(
                    "it looked at a tree that is not its own, so what it changed was given up: {}",
                    named(&edits)
                ));
            }
            given_up = edits;
        } else if outcome.reply.error().is_none() {
            let told = (&mut notes, &mut given_up);
            landed = self.land(&outcome.permit, tree, told, claim)?;
        } else {
            let edits = tree.edits()?.len();
            if edits > 0 {
                notes.push(format!(
                    "the tool failed, so {edits} path(s) that it had changed were left as they were"
                ));
            }
        }
        let changed = landed.as_ref().map_or(&[][..], |landed| &landed.changed);
        let limits = outcome.permit.limits();
        notes.extend(left_out::notes(
            self.executions.repo(),
            tree,
            changed,
            &limits,
        ));
        Ok(Receipt {
            given_up,
            ..receipt::receipt(outcome, landed, notes)
        })
    }
}

/// Paths that a note names, at the most.
const NAMED: usize = 10;

fn named(edits: &[Edit]) -> String {
    let mut names: Vec<&str> = edits
        .iter()
        .take(NAMED)
        .map(|edit| edit.path.as_str())
        .collect();
    if edits.len() > NAMED {
        names.push("…");
    }
    names.join(", ")
}

/// Says what is left of a merge.
fn told(decided: &Decided, id: &ExecutionId) -> String {
    let target = &decided.merge.target;
    if decided.done {
        return format!(
            "all conflicts with {target} are decided: `paracle-host git merge {id}` merges the execution"
        );
    }
    format!(
        "the execution waits to be merged into {target}, and these files are still in conflict: {}",
        decided.merge.open_paths().join(", ")
    )
}

fn trailers(permit: &Permit, claim: Option<(String, String)>) -> Vec<(String, String)> {
    let plugin = permit.plugin();
    let trailer = |key: &str, value: String| (key.to_owned(), value);
    let mut trailers = vec![
        trailer("Paracle-Execution", permit.call().execution.to_string()),
        trailer("Paracle-Call", permit.call().id.to_string()),
        trailer(
            "Paracle-Plugin",
            format!("{}@{}", plugin.info.name, plugin.info.version),
        ),
        trailer("Paracle-Digest", plugin.component.digest.to_string()),
        trailer("Paracle-Tool", permit.call().verb.name()),
        trailer("Paracle-Grant", permit.grant().to_string()),
    ];
    trailers.extend(claim);
    trailers
}
