//! What is said about executions: their state, their branches, and the settings that steer them.

use serde::{Deserialize, Serialize};

use super::{
    BranchName, BranchPattern, CommitId, Digest, ExecutionId, ForgeKind, Member, MergeCheck,
    MergeStrategy, PlanName,
};

/// How executions begin and end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of git.yaml that is on or off"
)]
pub struct ExecutionSettings {
    /// Whether an execution leaves a branch of its own; without, what it committed goes to its base branch at its end.
    pub enable_branching: bool,
    /// Whether what a call changed is committed; without, it is told and given up.
    pub auto_commit: bool,
    /// Whether a successful execution is merged into its base branch.
    pub auto_merge: bool,
    /// Whether a branch is deleted once it is merged.
    pub auto_cleanup: bool,
    /// The branch that executions start from and merge to; without one, the branch that HEAD is on.
    pub base_branch: Option<BranchName>,
    /// What serves the repository's remote, where its host's name does not say it.
    pub forge: Option<ForgeKind>,
    /// What a merge leaves on the target.
    pub strategy: MergeStrategy,
    /// Branches that nothing is merged to but by a person's own word.
    pub protect: Vec<BranchPattern>,
    /// What has to pass on a merged tree before the target moves.
    pub checks: Vec<MergeCheck>,
}

impl ExecutionSettings {
    /// What holds where nothing is configured.
    pub const DEFAULT: Self = Self {
        enable_branching: true,
        auto_commit: true,
        auto_merge: false,
        auto_cleanup: true,
        base_branch: None,
        forge: None,
        strategy: MergeStrategy::Merge,
        protect: Vec::new(),
        checks: Vec::new(),
    };

    /// Returns the pattern that protects a branch.
    pub fn protects(&self, branch: &BranchName) -> Option<&BranchPattern> {
        self.protect.iter().find(|pattern| pattern.covers(branch))
    }

    /// Returns how an execution ends: one without a branch of its own puts its commits onto its base branch.
    #[must_use]
    pub fn at_the_end(self) -> Self {
        if self.enable_branching {
            return self;
        }
        Self {
            auto_merge: true,
            auto_cleanup: true,
            strategy: MergeStrategy::Rebase,
            ..self
        }
    }
}

impl Default for ExecutionSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionStatus {
    /// It was started and not completed: it runs, or its process was interrupted.
    Active,
    /// Its branch is in the target.
    Merged,
    /// It is complete, and its branch waits for a person.
    Kept,
    /// A person gave it up.
    Discarded,
}

/// An execution's state, as it is stored in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionRecord {
    /// The version of this form: 1.
    pub schema: u32,
    /// Its id.
    pub id: ExecutionId,
    /// The branch that it started from; none if HEAD was detached, or it started from a tag, a commit or another execution.
    pub base_branch: Option<BranchName>,
    /// The commit that it started from.
    pub base_commit: CommitId,
    /// Its own branch.
    pub branch: BranchName,
    /// When it was started, as RFC 3339 in UTC.
    pub created_at: String,
    /// When it was completed or discarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Where it stands.
    pub status: ExecutionStatus,
    /// The commit that merged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_commit: Option<CommitId>,
    /// The branch that it was merged to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_to: Option<BranchName>,
    /// The person's commit that `base_commit` adds their uncommitted work to, where the execution began with that: such a base
    /// is merged nowhere and pushed nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncommitted_on: Option<CommitId>,
    /// Its newest commit then, where the target has its changes as other commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_tip: Option<CommitId>,
    /// All repositories that it works in, where they are several; the main one is the first. Each has a state of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Whether it changed nothing here, in one of several repositories, so that it has no branch of its own yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
    /// Its newest commit when a merge was made of it that the target's checkout could not take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_tip: Option<CommitId>,
    /// Whether it started from HEAD, which was detached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// What it runs, where that is a workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanRecord>,
    /// The execution of the workflow, where it is of one of its steps; it goes once the step is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_of: Option<ExecutionId>,
}

/// Which workflow an execution runs, and with what: enough to go on after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The workflow.
    pub workflow: PlanName,
    /// Its file's bytes: another file is another workflow.
    pub digest: Digest,
    /// What it was given, with what was left to defaults.
    pub inputs: serde_json::Map<String, serde_json::Value>,
}

impl ExecutionRecord {
    /// Says what it started from, where that is no branch.
    pub const fn branchless(&self) -> &'static str {
        if self.detached {
            "a detached HEAD"
        } else {
            "no branch"
        }
    }
}

/// What the merge of an execution waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MergeWaits {
    /// For decisions: both sides changed the same.
    InConflict,
    /// For the target's checkout, which has changes in the way.
    ReadyToMerge,
}

/// An execution as a person lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExecutionInfo {
    /// Its stored state.
    #[serde(flatten)]
    pub record: ExecutionRecord,
    /// Whether a process has it open.
    pub running: bool,
    /// Whether it is active and no process has it open: the one that began it was killed, and any other may go on.
    pub interrupted: bool,
    /// Its newest commit; the base's if it has none of its own.
    pub tip: CommitId,
    /// How many commits it made.
    pub commit_count: usize,
    /// Whether its branch is there.
    pub branch_exists: bool,
    /// The calls whose changes did not fit onto the branch: kept under these refs.
    pub conflicts: Vec<String>,
    /// The paths of a merge that wait for a person's decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unresolved: Vec<String>,
    /// Where it stands in several repositories, if a merge that began has moved only some of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_merged: Option<String>,
    /// What its merge waits for, if one was tried and is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_waits: Option<MergeWaits>,
}

/// One call's changes, committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointInfo {
    /// Its place in the execution: the first is 1, and 0 is the base.
    pub number: usize,
    /// The commit.
    pub commit: CommitId,
    /// The tool that was called; none of a commit that no call made.
    pub tool: Option<String>,
    /// The plugin that answered, with its version.
    pub plugin: Option<String>,
    /// The call.
    pub call: Option<String>,
    /// When it was committed, as RFC 3339 in UTC.
    pub time: String,
    /// The first line of its message.
    pub subject: String,
    /// How many paths it changed.
    pub changed: usize,
}

/// Commits that the branch was moved away from, kept under a ref until a cleanup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftBehind {
    /// The ref.
    pub kept: String,
    /// The newest of them.
    pub commit: CommitId,
    /// How many of them the branch lacks.
    pub checkpoints: usize,
}

/// What an execution's calls committed, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExecutionLog {
    /// The execution.
    pub id: ExecutionId,
    /// The commit that it began with: checkpoint 0.
    pub base: CommitId,
    /// The oldest first.
    pub checkpoints: Vec<CheckpointInfo>,
    /// What rewinding left.
    pub left: Vec<LeftBehind>,
}

/// A branch of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BranchInfo {
    /// Its name.
    pub name: BranchName,
    /// The execution, as its name says.
    pub execution_id: ExecutionId,
    /// When the execution was started, as RFC 3339 in UTC.
    pub created_at: Option<String>,
    /// The branch that it started from.
    pub base_branch: Option<BranchName>,
    /// Where the execution stands; none if the repository holds no state of it.
    pub status: Option<ExecutionStatus>,
    /// Whether a process has the execution open.
    pub running: bool,
    /// How many commits it made; none if its base is not known.
    pub commit_count: Option<usize>,
}
