//! From an outcome to a receipt: what a call changed is committed, or given up with the reason.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::receipt::named;
use super::{
    Base, Checkpoint, Completed, Decided, Ending, Execution, ExecutionError, Executions,
    NewCheckpoint, Started,
};
use crate::git::{Dirty, GitError, Repo, TreePath};
use crate::model::{
    CallId, CommitId, Edit, ExecutionId, ExecutionRecord, ExecutionSettings, Landed, Member,
    MemberName,
};
use crate::policy::Permit;
use crate::workspace::{FsError, GitTree, Names};

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
    /// What a call changed in one of several repositories could not be landed, so that nothing of it was to be.
    #[error("in {member}: {source}; {told}")]
    Several {
        /// Which repository.
        member: MemberName,
        /// Why not.
        source: Box<Self>,
        /// What became of the others.
        told: String,
    },
}

/// What a call left in one repository.
pub(super) struct Landing {
    pub(super) landed: Landed,
    /// Whether a commit of the branch was made for it.
    pub(super) made: bool,
}

impl Landing {
    const fn old(landed: Landed) -> Self {
        Self {
            landed,
            made: false,
        }
    }
}

/// The executions of one repository that this process has open, each from its first write on.
pub struct Workbench {
    pub(super) executions: Executions,
    pub(super) settings: ExecutionSettings,
    pub(super) open: Mutex<HashMap<ExecutionId, Arc<Execution>>>,
    /// Where executions begin that were told so.
    pub(super) planned: Mutex<HashMap<ExecutionId, Started>>,
}

impl Workbench {
    /// Looks after the executions of a repository, alone or as one of several.
    pub fn new(repo: Repo, settings: ExecutionSettings, members: &[Member]) -> Self {
        Self {
            executions: Executions::new(repo).among(members),
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
                Ok(tip) => {
                    self.executions
                        .check_members(&self.executions.record(id)?)?;
                    tip
                }
                Err(ExecutionError::Unknown { .. }) => self.base(id)?.commit,
                Err(error) => return Err(error),
            },
        };
        Ok((self.executions.repo().clone(), commit))
    }

    pub(super) fn base(&self, id: &ExecutionId) -> Result<Base, ExecutionError> {
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

    /// Opens an execution for a call's first write: starts it with that, or goes on with one that a process left. Returns the
    /// first commit where it made that.
    fn open(
        &self,
        id: &ExecutionId,
        first: &NewCheckpoint<'_>,
    ) -> Result<(Arc<Execution>, Option<CommitId>), ExecutionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(execution) = open.get(id) {
            if execution.record.unchanged {
                self.executions.hold(execution.record.clone())?;
            }
            return Ok((execution.clone(), None));
        }
        let (execution, commit) = match self.executions.show(id) {
            Ok(info) => {
                self.executions.check_members(&info.record)?;
                (self.executions.resume(id)?, None)
            }
            Err(ExecutionError::Unknown { .. }) => {
                let base = Base {
                    commit: first.base.clone(),
                    ..self.base(id)?
                };
                match self.executions.start_with(id, &base, first) {
                    // Another process began it since it was looked for.
                    Err(ExecutionError::Exists { .. }) if self.planned(id).is_none() => {
                        (self.executions.resume(id)?, None)
                    }
                    started => started.map(|(execution, made)| (execution, Some(made)))?,
                }
            }
            Err(error) => return Err(error),
        };
        let execution = Arc::new(execution);
        open.insert(id.clone(), execution.clone());
        Ok((execution, commit))
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
        match self.close(id)? {
            None => Ok(None),
            Some(execution) => execution
                .complete_with(success, &self.settings, ending)
                .map(Some),
        }
    }

    /// Takes an execution out of those that this process has open; one that a call is landing in stays open.
    pub(super) fn close(&self, id: &ExecutionId) -> Result<Option<Execution>, ExecutionError> {
        let closed = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            take(&mut open, id)?
        };
        self.planned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        Ok(closed)
    }

    /// Gives an execution up that this process may have open; calls of it that still run land nothing.
    pub fn discard(&self, id: &ExecutionId) -> Result<ExecutionRecord, ExecutionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match take(&mut open, id)? {
            None => {
                drop(open);
                self.executions.discard(id)
            }
            Some(execution) => execution.discard(),
        }
    }

    /// Commits what a call left in this repository.
    pub(super) fn land(
        &self,
        permit: &Permit,
        tree: &GitTree,
        (notes, given_up): (&mut Vec<String>, &mut Vec<Edit>),
        claim: Option<(String, String)>,
    ) -> Result<Option<Landing>, SettleError> {
        let (wrote, objects) = tree.to_write()?;
        let (edits, empty_directories) = (wrote.edits, wrote.empty_directories);
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
        if !self.settings.auto_commit && !edits.is_empty() {
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
        let new = NewCheckpoint {
            call: call.id,
            base: tree.base(),
            tree: wrote.tree,
            objects: &objects,
            message: &format!("[{}] {}", call.execution, call.verb.name()),
            trailers: &trailers(permit, claim),
            also_empty: false,
        };
        let (execution, first) = self.open(&call.execution, &new)?;
        let record = execution.record();
        let landed = |before, commit| Landed {
            member: None,
            branch: record.branch.clone(),
            base: record.base_commit.clone(),
            before,
            commit,
            kept: None,
            changed: edits,
        };
        if let Some(commit) = first {
            return Ok(Some(Landing {
                landed: landed(Some(tree.base().clone()), commit),
                made: true,
            }));
        }
        let decided = match execution.merge_of(tree.base())? {
            None => None,
            Some(_) => execution.decide(&new, &|path| tree.wrote(path))?,
        };
        if let Some(decided) = decided {
            notes.push(told(
                &decided,
                &decided.merge.merge_command(record, self.settings.strategy),
            ));
            return Ok(Some(Landing::old(Landed {
                kept: decided.kept,
                ..landed(decided.before, decided.commit)
            })));
        }
        match execution.checkpoint(&new)? {
            Checkpoint::Unchanged(commit) => Ok(Some(Landing::old(landed(None, commit)))),
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
                Ok(Some(Landing {
                    landed: landed(Some(before), commit),
                    made: true,
                }))
            }
            Checkpoint::Conflict { paths, .. } => Err(SettleError::Conflict {
                execution: call.execution.clone(),
                call: call.id,
                paths,
            }),
        }
    }
}

/// Takes an execution that is open out, unless a call is landing in it.
fn take(
    open: &mut HashMap<ExecutionId, Arc<Execution>>,
    id: &ExecutionId,
) -> Result<Option<Execution>, ExecutionError> {
    let Some(execution) = open.remove(id) else {
        return Ok(None);
    };
    Arc::try_unwrap(execution).map(Some).map_err(|busy| {
        open.insert(id.clone(), busy);
        ExecutionError::Busy { id: id.clone() }
    })
}

/// Says what is left of a merge.
fn told(decided: &Decided, merge: &str) -> String {
    let target = &decided.merge.target;
    if decided.done {
        return format!("all conflicts with {target} are decided: `{merge}` merges the execution");
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
