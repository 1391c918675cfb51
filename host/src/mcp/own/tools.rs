//! The host's own tools: how they are listed, and which function answers.

use rmcp::model::{CallToolResult, Tool, ToolAnnotations};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{executions, find, plans};
use crate::flow::{CallError, FailureKind, Host};
use crate::mcp::caller::Caller;
use crate::mcp::failure;
use crate::model::McpAllowed;

/// A tool of the host's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mcp) enum OwnTool {
    /// Where the caller's executions stand.
    ExecutionList,
    /// What one changed.
    ExecutionDiff,
    /// Its checkpoints.
    ExecutionLog,
    /// Gives one up.
    ExecutionDiscard,
    /// Merges one, where the operator lets assistants do it.
    ExecutionMerge,
    /// Which workflows and agents there are.
    WorkflowList,
    /// Runs a workflow.
    WorkflowRun,
    /// Runs an agent.
    AgentRun,
    /// Searches tools.
    Find,
    /// Calls a tool by its name.
    Call,
}

const ALL: [OwnTool; 10] = [
    OwnTool::ExecutionList,
    OwnTool::ExecutionDiff,
    OwnTool::ExecutionLog,
    OwnTool::ExecutionDiscard,
    OwnTool::ExecutionMerge,
    OwnTool::WorkflowList,
    OwnTool::WorkflowRun,
    OwnTool::AgentRun,
    OwnTool::Find,
    OwnTool::Call,
];

/// Tells whether a name is one of the host's own tools', offered or not.
pub(in crate::mcp) fn is_own(name: &str) -> bool {
    ALL.iter().any(|tool| tool.name() == name)
}

/// Tells whether there may be agents or workflows: a client is not told of tools that have nothing to run.
fn has_plans(host: &Host) -> bool {
    let parac = host.settings().parac.clone();
    parac.is_some_and(|parac| parac.join("agents").is_dir() || parac.join("workflows").is_dir())
}

impl OwnTool {
    /// Finds a tool of the host's own that is offered.
    pub(in crate::mcp) fn named(host: &Host, name: &str) -> Option<Self> {
        let mut tools = ALL.into_iter().filter(|tool| tool.is_offered(host));
        tools.find(|tool| tool.name() == name)
    }

    fn is_offered(self, host: &Host) -> bool {
        match self {
            Self::ExecutionMerge => host
                .settings()
                .mcp
                .allow
                .contains(&McpAllowed::ExecutionMerge),
            Self::WorkflowList | Self::WorkflowRun | Self::AgentRun => has_plans(host),
            Self::ExecutionList
            | Self::ExecutionDiff
            | Self::ExecutionLog
            | Self::ExecutionDiscard
            | Self::Find
            | Self::Call => true,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::ExecutionList => "execution_list",
            Self::ExecutionDiff => "execution_diff",
            Self::ExecutionLog => "execution_log",
            Self::ExecutionDiscard => "execution_discard",
            Self::ExecutionMerge => "execution_merge",
            Self::WorkflowList => "workflow_list",
            Self::WorkflowRun => "workflow_run",
            Self::AgentRun => "agent_run",
            Self::Find => "paracle_find",
            Self::Call => "paracle_call",
        }
    }

    const fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::ExecutionList => (
                "List executions",
                "Lists your executions: each has the changes of some of your calls on a branch of its own, the last takes the next ones.",
            ),
            Self::ExecutionDiff => (
                "Show changes",
                "Shows what an execution of yours changed since it began, or what one checkpoint of it changed, as a patch.",
            ),
            Self::ExecutionLog => (
                "Show checkpoints",
                "Lists the checkpoints of an execution of yours: one for each call that changed something.",
            ),
            Self::ExecutionDiscard => (
                "Give an execution up",
                "Gives an execution of yours up: its branch goes, and your next call begins another one. A person can still take its newest commit back until a cleanup.",
            ),
            Self::ExecutionMerge => (
                "Merge an execution",
                "Ends an execution of yours and merges it into the branch that it began from, if its checks pass and nothing conflicts. Your next call begins another one.",
            ),
            Self::WorkflowList => (
                "List workflows and agents",
                "Lists the workflows that workflow_run runs, with what each is given, and the agents that agent_run runs.",
            ),
            Self::WorkflowRun => (
                "Run a workflow",
                "Runs a workflow of this repository to its end, in an execution of its own with one commit a step, which a person merges.",
            ),
            Self::AgentRun => (
                "Run an agent",
                "Has an agent of this repository do something with the tools that its file gives it. What it changes goes to your own execution.",
            ),
            Self::Find => (
                "Find tools",
                "Searches names and descriptions of all tools, also of those that came after they were listed to you, and returns them with their schemas.",
            ),
            Self::Call => (
                "Call a tool",
                "Calls any tool by the name that paracle_find returned. The same rules hold as when it is called directly.",
            ),
        }
    }

    fn hints(self) -> ToolAnnotations {
        let looks = ToolAnnotations::new()
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false);
        match self {
            Self::ExecutionList
            | Self::ExecutionDiff
            | Self::ExecutionLog
            | Self::WorkflowList
            | Self::Find => looks,
            Self::ExecutionDiscard | Self::ExecutionMerge => {
                looks.read_only(false).destructive(true)
            }
            // They are whatever they call.
            Self::Call | Self::WorkflowRun | Self::AgentRun => ToolAnnotations::new()
                .read_only(false)
                .destructive(true)
                .idempotent(false)
                .open_world(true),
        }
    }

    fn takes(self) -> Value {
        let execution = json!({
            "type": "string",
            "description": "The execution's id; without one, that of your next call",
        });
        let (properties, required) = match self {
            Self::ExecutionList | Self::WorkflowList => (json!({}), json!([])),
            Self::WorkflowRun => (
                json!({
                    "workflow_id": { "type": "string", "description": "Which: workflow_list names them" },
                    "inputs": { "type": "object", "description": "What it is given, by its schema in workflow_list" },
                }),
                json!(["workflow_id"]),
            ),
            Self::AgentRun => (
                json!({
                    "agent_id": { "type": "string", "description": "Which: workflow_list names them" },
                    "task": { "type": "string", "description": "What it is to do, with all that it has to know" },
                }),
                json!(["agent_id", "task"]),
            ),
            Self::ExecutionLog | Self::ExecutionDiscard | Self::ExecutionMerge => {
                (json!({ "execution": execution }), json!([]))
            }
            Self::ExecutionDiff => (
                json!({
                    "execution": execution,
                    "checkpoint": {
                        "type": "string",
                        "description": "Only what this checkpoint changed: its number in execution_log, or the beginning of its commit's id",
                    },
                }),
                json!([]),
            ),
            Self::Find => (
                json!({
                    "query": { "type": "string", "description": "Words to look for; without any, all tools" },
                    "limit": { "type": "integer", "minimum": 1, "maximum": find::MOST, "description": "How many tools at the most: 10 without it" },
                }),
                json!([]),
            ),
            Self::Call => (
                json!({
                    "name": { "type": "string", "description": "The tool's name" },
                    "arguments": { "type": "object", "description": "What it takes, by its inputSchema" },
                }),
                json!(["name"]),
            ),
        };
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    fn returns(self) -> Option<Value> {
        let text = json!({ "type": "string" });
        let list = json!({ "type": "array", "items": { "type": "object" } });
        let (properties, required) = match self {
            Self::ExecutionList => (json!({ "executions": list }), json!(["executions"])),
            Self::ExecutionDiff => (
                json!({ "execution": text, "changed": list, "patch": text, "cut": { "type": "boolean" } }),
                json!(["execution", "changed", "patch", "cut"]),
            ),
            Self::ExecutionLog => (
                json!({ "execution": text, "checkpoints": list }),
                json!(["execution", "checkpoints"]),
            ),
            Self::ExecutionDiscard => (
                json!({ "execution": text, "discarded": { "type": "boolean" }, "next": text }),
                json!(["execution", "discarded", "next"]),
            ),
            Self::ExecutionMerge => (
                json!({ "execution": text, "merged": { "type": "boolean" }, "told": text, "next": text }),
                json!(["execution", "merged", "told", "next"]),
            ),
            Self::WorkflowList => (
                json!({ "workflows": list, "agents": list }),
                json!(["workflows", "agents"]),
            ),
            Self::WorkflowRun => (
                json!({
                    "workflow": text, "execution": text, "success": { "type": "boolean" }, "error": text,
                    "outputs": { "type": "object" }, "spent": { "type": "object" }, "steps": list,
                }),
                json!([
                    "workflow",
                    "execution",
                    "success",
                    "outputs",
                    "spent",
                    "steps"
                ]),
            ),
            Self::AgentRun => (
                json!({
                    "execution": text, "text": text, "model": text, "spent": { "type": "object" },
                    "refused": { "type": "array" }, "notes": { "type": "array" },
                }),
                json!(["execution", "text", "model", "spent"]),
            ),
            Self::Find => (
                json!({ "tools": list, "more": { "type": "boolean" } }),
                json!(["tools", "more"]),
            ),
            // Whatever the tool returns.
            Self::Call => return None,
        };
        Some(json!({ "type": "object", "properties": properties, "required": required }))
    }

    fn listed(self) -> Tool {
        let (title, description) = self.says();
        let mut tool = Tool::new(self.name(), description, object(self.takes()))
            .with_annotations(self.hints());
        tool.title = Some(title.to_owned());
        tool.output_schema = self.returns().map(|schema| object(schema).into());
        tool
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// Lists the host's own tools.
pub(in crate::mcp) fn tools(host: &Host) -> Vec<Tool> {
    let offered = ALL.into_iter().filter(|tool| tool.is_offered(host));
    offered.map(OwnTool::listed).collect()
}

/// Why a tool of the host's own has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum OwnError {
    #[error("the arguments do not fit: {0}")]
    Arguments(String),
    #[error("{0}")]
    Plan(String),
    #[error(transparent)]
    Call(#[from] CallError),
}

impl OwnError {
    pub(super) fn told(&self) -> CallToolResult {
        let kind = match self {
            Self::Arguments(_) | Self::Plan(_) => FailureKind::Arguments,
            Self::Call(error) => error.kind(),
        };
        failure::of_own(kind, &self.to_string())
    }
}

/// Reads a tool's arguments; what it does not know is an error.
pub(super) fn arguments<T: DeserializeOwned>(given: Map<String, Value>) -> Result<T, OwnError> {
    serde_json::from_value(Value::Object(given))
        .map_err(|error| OwnError::Arguments(error.to_string()))
}

/// Answers a call of a tool of the host's own.
pub(in crate::mcp) async fn run(
    tool: OwnTool,
    caller: &Caller,
    given: Map<String, Value>,
) -> CallToolResult {
    let done = match tool {
        OwnTool::ExecutionList => executions::list(caller, given).await,
        OwnTool::ExecutionDiff => executions::diff(caller, given).await,
        OwnTool::ExecutionLog => executions::log(caller, given).await,
        OwnTool::ExecutionDiscard => executions::discard(caller, given).await,
        OwnTool::ExecutionMerge => executions::merge(caller, given).await,
        OwnTool::WorkflowList => plans::list(caller, given),
        OwnTool::WorkflowRun | OwnTool::AgentRun => Err(OwnError::Arguments(
            "a run is a request of its own: call it by its name".to_owned(),
        )),
        OwnTool::Find => find::find(caller, given),
        OwnTool::Call => Err(OwnError::Arguments(
            "paracle_call calls other tools, not itself".to_owned(),
        )),
    };
    done.unwrap_or_else(|error| error.told())
}
