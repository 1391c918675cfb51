//! What became of a workflow and its steps.

use serde_json::{Map, Value};

use super::Spent;
use crate::model::{CommitId, ExecutionId, PlanName};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepEnd {
    /// It is done.
    Done,
    /// It was done before, by a run that was interrupted.
    Before,
    /// It failed.
    Failed,
    /// It was not taken, because one that it needs failed, or the workflow had ended.
    Skipped,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StepReport {
    /// Which.
    pub id: PlanName,
    /// How it ended.
    pub end: StepEnd,
    /// Its commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// What it took.
    pub spent: Spent,
    /// How often it was tried.
    pub tries: u32,
    /// How long it took, in milliseconds.
    pub time_ms: u64,
    /// Why it failed, or was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a person should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What became of a workflow.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct WorkflowReport {
    /// Which.
    pub workflow: PlanName,
    /// Where its changes are.
    pub execution: ExecutionId,
    /// Whether all of it was done.
    pub success: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it gives.
    pub outputs: Map<String, Value>,
    /// What all steps took.
    pub spent: Spent,
    /// In the file's order.
    pub steps: Vec<StepReport>,
}
