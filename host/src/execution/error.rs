//! What can go wrong with an execution.

use std::path::PathBuf;

use crate::git::{GitError, TreePath};
use crate::model::{BranchName, CallId, ExecutionId, ExecutionStatus, MemberName};

/// Why an operation on an execution failed.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// No execution has the id.
    #[error("no execution {id} is in this repository: `paracle-host execution list` shows them")]
    Unknown {
        /// The id.
        id: String,
    },
    /// A workflow was to run where nothing is committed.
    #[error(
        "a workflow's steps are commits, and nothing is to be committed here: take `auto_commit: false` out of git.yaml, or `--no-commit` away"
    )]
    StepsUncommitted,
    /// A workflow was to run in several repositories.
    #[error("a workflow runs in one repository: name one `--repo`")]
    PlanInSeveral,
    /// The id is taken.
    #[error("execution {id} exists already ({}): resume or discard it, or take another id", status_word(*status))]
    Exists {
        /// The id.
        id: ExecutionId,
        /// Where it stands.
        status: ExecutionStatus,
    },
    /// An execution that has begun was to begin somewhere.
    #[error(
        "execution {id} has begun already, so it cannot start from somewhere else: leave `--from` and `--include-dirty` out to go on with it, or take another id"
    )]
    Begun {
        /// The id.
        id: ExecutionId,
    },
    /// A checkpoint was named that is not there.
    #[error(
        "execution {id} has no checkpoint {to}: they are 0, where it began, to {last}, or commits that `paracle-host execution log {id}` lists"
    )]
    NoCheckpoint {
        /// The execution.
        id: ExecutionId,
        /// What was named.
        to: String,
        /// The newest one's number.
        last: usize,
    },
    /// Its branch is gone.
    #[error(
        "branch {branch} of execution {id} is gone, so there is nothing to check out or move: `paracle-host execution show {id}` names its newest commit"
    )]
    NoBranch {
        /// The execution.
        id: ExecutionId,
        /// Its branch.
        branch: BranchName,
    },
    /// It works in several repositories, and this one is none that it changed.
    #[error(
        "execution {id} changed nothing in this repository, so it has no branch here: look in the others that it works in ({members})"
    )]
    Unchanged {
        /// The execution.
        id: ExecutionId,
        /// What it works in.
        members: String,
    },
    /// It is checked out in another folder already.
    #[error(
        "branch {branch} of execution {id} is checked out already, in {path:?}: use that, or remove it first with `git worktree remove`"
    )]
    Materialized {
        /// The execution.
        id: ExecutionId,
        /// Its branch.
        branch: BranchName,
        /// Where it is.
        path: PathBuf,
    },
    /// Its branch holds what the person did not commit.
    #[error(
        "execution {id} began with your uncommitted work, which its branch would publish: commit that work, merge the execution with `paracle-host git merge {id}`, and push the branch that you merged it to"
    )]
    Uncommitted {
        /// The execution.
        id: ExecutionId,
    },
    /// The configured base branch cannot be used.
    #[error("`base_branch` of .parac/config/git.yaml is {branch}: {source}")]
    BaseBranch {
        /// What is configured.
        branch: BranchName,
        /// Why it cannot be used.
        source: Box<Self>,
    },
    /// A process has it open.
    #[error(
        "execution {id} is open in another process: wait until it is done, or end that process"
    )]
    Running {
        /// The id.
        id: ExecutionId,
    },
    /// A call of it is still landing its changes.
    #[error(
        "a call of execution {id} is still landing its changes: wait for its answer, and ask again"
    )]
    Busy {
        /// The id.
        id: ExecutionId,
    },
    /// It is complete.
    #[error("execution {id} is {} already: it can be neither continued nor discarded; start another one", status_word(*status))]
    Settled {
        /// The id.
        id: ExecutionId,
        /// Where it stands.
        status: ExecutionStatus,
    },
    /// Its stored state cannot be read.
    #[error(
        "the state of execution {id} cannot be read: {reason}; it may come from another version of paracle-host"
    )]
    BadRecord {
        /// The id.
        id: String,
        /// Why not.
        reason: String,
    },
    /// The ref of its state holds something else.
    #[error(
        "execution {id} is damaged: {reason}; `paracle-host execution discard {id} --force` gives it up, and keeps what is on its branch"
    )]
    Damaged {
        /// The id.
        id: ExecutionId,
        /// What is wrong.
        reason: String,
    },
    /// A branch was named that belongs to no execution.
    #[error(
        "{branch} is neither an execution nor the branch of one: those are named exec/ID/TIME, and `paracle-host git branches` lists them"
    )]
    NotExecution {
        /// The branch.
        branch: BranchName,
    },
    /// A branch was named that its execution has left behind.
    #[error(
        "{branch} is an older branch of execution {id}, whose branch is {newest}: merge that one"
    )]
    OlderBranch {
        /// The branch.
        branch: BranchName,
        /// The execution.
        id: ExecutionId,
        /// Its branch now.
        newest: BranchName,
    },
    /// No merge of it waits for decisions.
    #[error(
        "no merge of execution {id} waits for a decision: `paracle-host git merge {id}` merges it, and keeps what it cannot decide"
    )]
    NoConflict {
        /// The id.
        id: ExecutionId,
    },
    /// No change of the call is kept.
    #[error("execution {id} keeps no change of a call {call}; {}", listed(calls))]
    NotKept {
        /// The id.
        id: ExecutionId,
        /// What was named.
        call: CallId,
        /// Whose changes it keeps.
        calls: Vec<String>,
    },
    /// A kept change was to be taken over, and the branch takes nothing more.
    #[error(
        "execution {id} is {} already, so its branch takes nothing more: `git cherry-pick {kept}` takes the change onto the branch that you have checked out", status_word(*status)
    )]
    Late {
        /// The id.
        id: ExecutionId,
        /// Where it stands.
        status: ExecutionStatus,
        /// The ref that holds the change.
        kept: String,
    },
    /// A kept change was to be taken over, and the branch has other lines there.
    #[error(
        "the change of call {call} and the branch of execution {id} do not fit in {}: `paracle-host execution apply {id} {call} --theirs` takes the call's files there, `--ours` the branch's; or merge them by hand, with `paracle-host execution materialize {id}`, and `git cherry-pick refs/paracle/executions/{id}/conflicts/{call}` in that folder", paths.join(", ")
    )]
    Unfit {
        /// The id.
        id: ExecutionId,
        /// Whose change it is.
        call: CallId,
        /// Where they do not fit.
        paths: Vec<String>,
    },
    /// The branch was to move while a merge of it waits.
    #[error(
        "a merge of execution {id} waits for decisions, which would be lost if the branch moved: decide them first (`paracle-host execution conflicts {id}` lists them), or give them up with `paracle-host execution resolve {id} --abandon`"
    )]
    Undecided {
        /// The id.
        id: ExecutionId,
    },
    /// A path was to be decided that is in no conflict.
    #[error("{path} of execution {id} is in no conflict; these wait for a decision: {}", paths.join(", "))]
    NotInConflict {
        /// The id.
        id: ExecutionId,
        /// What was named.
        path: TreePath,
        /// What waits.
        paths: Vec<String>,
    },
    /// A file was given for a path that still holds both sides.
    #[error(
        "the file for {path} has a marker of a conflict in line {line}, so it is not decided: edit it first, or add `--with-markers` if the line belongs there"
    )]
    Markers {
        /// Which path was to be decided.
        path: TreePath,
        /// Where the first one is.
        line: usize,
    },
    /// It started from no branch, so there is none to merge to.
    #[error(
        "execution {id} started from no branch, but from a tag, a commit, another execution or a detached HEAD: name the branch to merge to, as in `paracle-host git merge {id} --target BRANCH`"
    )]
    NoTarget {
        /// The id.
        id: ExecutionId,
    },
    /// The branch is checked out, and cannot move there.
    #[error(
        "branch {branch} of the execution is checked out and cannot move: {why}; the change is kept under {kept}"
    )]
    CheckedOut {
        /// The branch.
        branch: BranchName,
        /// What stands in the way.
        why: String,
        /// The ref that holds the change.
        kept: String,
    },
    /// Others moved the branch each time that this process tried.
    #[error("branch {branch} moves faster than this process can follow: try again")]
    Crowded {
        /// The branch.
        branch: BranchName,
    },
    /// It works in other repositories than those that are meant.
    #[error(
        "execution {id} of {} works in {members}: go on with it there, or take another id",
        path.display()
    )]
    OtherRepositories {
        /// The id.
        id: ExecutionId,
        /// Where it was found.
        path: PathBuf,
        /// What it works in.
        members: String,
    },
    /// One of its repositories is not where it was.
    #[error(
        "execution {id} works in {name} as well, and there is no repository at {} any more: put it back there, or a link to it ({source})",
        path.display()
    )]
    Member {
        /// The id.
        id: ExecutionId,
        /// The repository's name.
        name: MemberName,
        /// Where it was.
        path: PathBuf,
        /// What is there.
        source: Box<GitError>,
    },
    /// The state names other repositories, and nobody did so on this machine.
    #[error(
        "the state of execution {id} says that it works in {members}, and nobody said so on this machine: if you want it so, go on with it once by `paracle-host run TOOL --execution {id} {members}`"
    )]
    Unsaid {
        /// The id.
        id: ExecutionId,
        /// What the state says.
        members: String,
    },
    /// It began in a repository that does not know of it any more.
    #[error(
        "execution {id} changed {name}, and {} knows nothing of it any more: it may be another clone than then; nothing was done: put the repository back there that it was, or give up what is here of the execution by `paracle-host git cleanup {id} --force`",
        path.display()
    )]
    Missing {
        /// The id.
        id: ExecutionId,
        /// The repository's name.
        name: MemberName,
        /// Where it was.
        path: PathBuf,
    },
    /// This repository is not where it was when it began.
    #[error(
        "execution {id} works in {members}, and {} is none of these: put it back where it was, or a link to it",
        path.display()
    )]
    Moved {
        /// The id.
        id: ExecutionId,
        /// Where it is.
        path: PathBuf,
        /// Where it was.
        members: String,
    },
    /// A merge moved the targets of some of its repositories, and not of all.
    #[error("execution {id} is half merged: {told}")]
    HalfMerged {
        /// The id.
        id: ExecutionId,
        /// What stands where, and what to do.
        told: String,
    },
    /// The repository failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

fn listed(calls: &[String]) -> String {
    if calls.is_empty() {
        return "it keeps none of any call".to_owned();
    }
    format!("it keeps those of {}", calls.join(", "))
}

fn status_word(status: ExecutionStatus) -> &'static str {
    match status {
        ExecutionStatus::Active => "active",
        ExecutionStatus::Merged => "merged",
        ExecutionStatus::Kept => "kept for review",
        ExecutionStatus::Discarded => "discarded",
    }
}
