//! What is kept of a task.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rmcp::model::{
    CallToolResult, DetailedTask, InputRequest, JsonObject, Task, TaskPayload, TaskStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::mcp::answer::Answer;
use crate::model::ExecutionId;

/// How often a client may look, in milliseconds.
const POLL_MS: u64 = 500;

/// A task, as it is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Record {
    pub(super) id: String,
    pub(super) caller: String,
    pub(super) tool: String,
    pub(super) execution: ExecutionId,
    /// The host that it ran in.
    pub(super) host: String,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) ttl_ms: u64,
    /// How far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    /// What it waits to be told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) asks: BTreeMap<String, InputRequest>,
    /// None while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
}

/// How a task ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::mcp) enum Outcome {
    /// With the tool's answer, which may be an error. It is kept whole, and cut for whoever is shown it.
    Completed(Box<Answer>),
    /// Without one.
    Failed(JsonObject),
    /// By its caller's wish.
    Cancelled,
}

impl Outcome {
    /// Makes the outcome of a call that no tool answered.
    pub(in crate::mcp) fn failed(message: &str) -> Self {
        let mut error = JsonObject::new();
        error.insert(
            "code".to_owned(),
            json!(rmcp::model::ErrorCode::INTERNAL_ERROR.0),
        );
        error.insert("message".to_owned(), json!(message));
        Self::Failed(error)
    }
}

impl Record {
    /// Ends it as one whose host is gone.
    pub(super) fn abandoned(&mut self) {
        let message = format!(
            "the host was stopped; execution {} holds what it did",
            self.execution
        );
        self.end(Outcome::failed(&message));
    }

    pub(super) fn end(&mut self, outcome: Outcome) {
        self.asks.clear();
        self.updated = Timestamp::now();
        self.outcome = Some(outcome);
    }

    /// Says what it waits for now; tells whether that is something else than before.
    pub(super) fn ask(&mut self, asks: BTreeMap<String, InputRequest>) -> bool {
        let other = self.asks != asks;
        if other {
            self.asks = asks;
            self.updated = Timestamp::now();
        }
        other
    }

    /// Returns until when it is kept.
    pub(super) fn until(&self) -> Timestamp {
        let ttl = i64::try_from(self.ttl_ms).unwrap_or(i64::MAX);
        let until = self.created.checked_add(SignedDuration::from_millis(ttl));
        until.unwrap_or(Timestamp::MAX)
    }

    /// Tells whether it need not be kept any longer.
    pub(super) fn is_over(&self) -> bool {
        self.until() < Timestamp::now()
    }

    /// Makes the protocol's task of it, without what depends on its status.
    pub(super) fn task(&self) -> Task {
        let mut task = Task::new(
            self.id.clone(),
            TaskStatus::Working,
            self.created.to_string(),
            self.updated.to_string(),
        )
        .with_ttl_ms(self.ttl_ms)
        .with_poll_interval_ms(POLL_MS);
        task.status_message.clone_from(&self.message);
        task
    }

    /// Makes the protocol's task of it, with what `shown` leaves of its answer.
    pub(in crate::mcp) fn detailed(
        self,
        shown: impl FnOnce(Answer) -> CallToolResult,
    ) -> DetailedTask {
        let task = self.task();
        let payload = match self.outcome {
            None if self.asks.is_empty() => TaskPayload::Working,
            None => TaskPayload::InputRequired {
                input_requests: self.asks,
            },
            Some(Outcome::Completed(answer)) => {
                if let Ok(Value::Object(result)) = serde_json::to_value(shown(*answer)) {
                    TaskPayload::Completed { result }
                } else {
                    let mut error = JsonObject::new();
                    error.insert("message".to_owned(), json!("the answer cannot be shown"));
                    TaskPayload::Failed { error }
                }
            }
            Some(Outcome::Failed(error)) => TaskPayload::Failed { error },
            Some(Outcome::Cancelled) => TaskPayload::Cancelled,
        };
        DetailedTask::new(task, payload)
    }
}
