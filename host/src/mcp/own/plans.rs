//! Agents and workflows, as tools and addresses of the host's own.

use std::fmt::Write as _;
use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolResult, ContentBlock, GetPromptResult, Prompt, PromptArgument, PromptMessage, Role,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::tools::{OwnError, OwnTool, arguments};
use crate::flow::FailureKind;
use crate::mcp::caller::Caller;
use crate::mcp::{clean, failure};
use crate::model::{self, Changed, ClientLink, ExecutionId, PartOf};
use crate::orchestrate::{self, AgentError, Task, Wanted, WorkflowReport};

pub(super) const AGENT: &str = "agent://";
pub(super) const WORKFLOW: &str = "workflow://";

/// An agent or a workflow that is to run.
#[derive(Debug, Clone)]
pub(in crate::mcp) enum PlanCall {
    /// An agent.
    Agent {
        /// Which.
        agent: String,
        /// What it is to do.
        task: String,
    },
    /// A workflow.
    Workflow {
        /// Which.
        workflow: String,
        /// What it is given.
        inputs: Map<String, Value>,
        /// Where its changes go.
        execution: ExecutionId,
    },
}

/// What running one came to.
#[derive(Debug, Clone)]
pub(in crate::mcp) struct Ran {
    /// As its client is told.
    pub(in crate::mcp) result: CallToolResult,
    /// Whether it was stopped by whoever called.
    pub(in crate::mcp) cancelled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentRun {
    agent_id: String,
    task: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkflowRun {
    workflow_id: String,
    #[serde(default)]
    inputs: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Reads what one of the host's own tools is to run; none where it runs nothing.
pub(in crate::mcp) fn plan_call(
    tool: OwnTool,
    given: Map<String, Value>,
) -> Option<Result<PlanCall, Box<CallToolResult>>> {
    let read = match tool {
        OwnTool::AgentRun => arguments(given).map(|AgentRun { agent_id, task }| PlanCall::Agent {
            agent: agent_id,
            task,
        }),
        OwnTool::WorkflowRun => arguments(given).map(
            |WorkflowRun {
                 workflow_id,
                 inputs,
             }| PlanCall::Workflow {
                workflow: workflow_id,
                inputs,
                execution: ExecutionId::generate(),
            },
        ),
        OwnTool::WorkflowList
        | OwnTool::ExecutionList
        | OwnTool::ExecutionDiff
        | OwnTool::ExecutionLog
        | OwnTool::ExecutionDiscard
        | OwnTool::ExecutionMerge
        | OwnTool::Find
        | OwnTool::Call => return None,
    };
    Some(read.map_err(|error| Box::new(error.told())))
}

/// Lists the agents and workflows that there are.
pub(super) fn list(caller: &Caller, given: Map<String, Value>) -> Result<CallToolResult, OwnError> {
    let Nothing {} = arguments(given)?;
    let told = |error: orchestrate::PlanError| OwnError::Plan(worded(caller, &error));
    let catalog = orchestrate::workflows(&caller.host).map_err(told)?;
    let agents = orchestrate::agents(&caller.host).map_err(told)?;
    let mut text = String::new();
    let active = catalog
        .workflows
        .iter()
        .filter(|entry| entry.status.is_none());
    let workflows: Vec<Value> = active
        .map(|entry| {
            let inputs = match orchestrate::plan(&caller.host, entry.name.as_str()) {
                Ok(plan) => json!({ "inputs": plan.schema() }),
                Err(error) => json!({ "error": worded(caller, &error) }),
            };
            let description = clean::line(
                entry.description.as_deref().unwrap_or_default(),
                clean::LONGEST_DESCRIPTION,
            );
            // Writing into a text does not fail.
            let _ = writeln!(text, "workflow {}: {description}; {inputs}", entry.name);
            let mut one = json!({ "workflow_id": entry.name, "description": description });
            if let (Value::Object(one), Value::Object(inputs)) = (&mut one, inputs) {
                one.extend(inputs);
            }
            one
        })
        .collect();
    let agents: Vec<Value> = agents
        .agents
        .iter()
        .map(|agent| {
            let said = agent.description.as_deref().or(agent.role.as_deref());
            let said = clean::line(said.unwrap_or_default(), clean::LONGEST_DESCRIPTION);
            let _ = writeln!(text, "agent {}: {said}", agent.id);
            json!({ "agent_id": agent.id, "description": said })
        })
        .collect();
    if text.is_empty() {
        text.push_str("There are no workflows and no agents.\n");
    }
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(json!({ "workflows": workflows, "agents": agents }));
    Ok(result)
}

/// Reads what an agent or a workflow is; none where there is no such one.
pub(super) fn read(caller: &Caller, uri: &str) -> Option<String> {
    if let Some(name) = uri.strip_prefix(AGENT) {
        let agents = orchestrate::agents(&caller.host).ok()?;
        let agent = agents.get(name)?;
        return serde_json::to_string_pretty(agent).ok();
    }
    let name = uri.strip_prefix(WORKFLOW)?;
    let plan = orchestrate::plan(&caller.host, name).ok()?;
    serde_json::to_string_pretty(&plan.workflow).ok()
}

/// Lists the addresses of agents and workflows, with what each is.
pub(super) fn addresses(caller: &Caller) -> Vec<(String, String)> {
    let agents = orchestrate::agents(&caller.host).unwrap_or_default();
    let catalog = orchestrate::workflows(&caller.host).unwrap_or_default();
    let agents = agents.agents.iter().map(|agent| {
        (
            format!("{AGENT}{}", agent.id),
            format!("agent {}", agent.id),
        )
    });
    let workflows = catalog.workflows.iter().map(|one| {
        (
            format!("{WORKFLOW}{}", one.name),
            format!("workflow {}", one.name),
        )
    });
    agents.chain(workflows).collect()
}

impl PlanCall {
    /// Returns where its changes go: an agent's to the caller's own execution, as those of a tool that they call.
    pub(in crate::mcp) fn execution(&self, caller: &Caller) -> ExecutionId {
        match self {
            Self::Agent { .. } => caller.execution(),
            Self::Workflow { execution, .. } => execution.clone(),
        }
    }

    /// Runs it.
    pub(in crate::mcp) async fn run(
        self,
        caller: &Caller,
        client: ClientLink,
        cancel: CancellationToken,
    ) -> Ran {
        let by = model::Caller::Assistant {
            subject: caller.subject.clone(),
            ceiling: caller.ceiling.clone(),
        };
        let ran = match self {
            Self::Agent { agent, task } => {
                agent_run(caller, &agent, task, by, client, cancel.clone()).await
            }
            Self::Workflow {
                workflow,
                inputs,
                execution,
            } => {
                let run = orchestrate::Run {
                    execution: execution.clone(),
                    caller: by,
                    cancel: cancel.clone(),
                    client,
                    tell: Box::new(|_| {}),
                };
                caller.adopt(&execution);
                workflow_run(caller, &workflow, inputs, run).await
            }
        };
        caller.host.announce(Changed::Resources);
        Ran {
            result: ran.unwrap_or_else(|error| error),
            cancelled: cancel.is_cancelled(),
        }
    }
}

type Told = Result<CallToolResult, CallToolResult>;

/// Words an error for a caller: where on this machine a file is, is for the person who sits at it.
fn worded(caller: &Caller, error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    if caller.is_here() {
        return text;
    }
    let settings = caller.host.settings();
    text.replace(&format!("{}/", settings.project().display()), "")
}

fn failed(caller: &Caller, kind: FailureKind, error: &impl std::fmt::Display) -> CallToolResult {
    failure::of_own(kind, &worded(caller, error))
}

async fn agent_run(
    caller: &Caller,
    name: &str,
    text: String,
    by: model::Caller,
    client: ClientLink,
    cancel: CancellationToken,
) -> Told {
    let host = &caller.host;
    let wrong = |error: orchestrate::PlanError| failed(caller, FailureKind::Arguments, &error);
    let agents = orchestrate::agents(host).map_err(wrong)?;
    let agent = orchestrate::find_agent(&agents, name).map_err(wrong)?;
    let execution = caller.execution();
    let task = Task {
        agent,
        only: Vec::new(),
        text,
        wanted: Wanted::Text,
        execution: execution.clone(),
        caller: by,
        part_of: PartOf::default(),
        cancel,
        client,
    };
    let done = task.run(host).await.map_err(|error| {
        let kind = match &error {
            AgentError::Call(error) => error.kind(),
            AgentError::Limit { .. } | AgentError::Cut { .. } => FailureKind::Limit,
            AgentError::Cancelled => FailureKind::Cancelled,
            AgentError::NoProvider { .. }
            | AgentError::ProviderName { .. }
            | AgentError::NoModel { .. }
            | AgentError::Model { .. }
            | AgentError::Filtered { .. }
            | AgentError::Unfit { .. } => FailureKind::Plugin,
        };
        failed(caller, kind, &error)
    })?;
    let mut result = CallToolResult::success(vec![ContentBlock::text(done.text.clone())]);
    result.structured_content = Some(json!({
        "execution": execution,
        "text": done.text,
        "model": done.model,
        "spent": done.spent,
        "refused": done.refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "notes": done.notes,
    }));
    Ok(result)
}

async fn workflow_run(
    caller: &Caller,
    name: &str,
    inputs: Map<String, Value>,
    run: orchestrate::Run,
) -> Told {
    let host = &caller.host;
    let wrong = |error: orchestrate::PlanError| failed(caller, FailureKind::Arguments, &error);
    let plan = Arc::new(orchestrate::plan(host, name).map_err(wrong)?);
    let inputs = plan.inputs(inputs).map_err(wrong)?;
    let id = run.execution.clone();
    let report = plan.run(host, run, inputs).await.map_err(wrong)?;
    if let Err(error) = host.complete(&id, report.success, false).await {
        return Err(failed(caller, error.kind(), &error));
    }
    let mut text = told(&report);
    let _ = write!(
        text,
        "A person merges what it changed with `paracle-host git merge {id}`."
    );
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = serde_json::to_value(&report).ok();
    result.is_error = Some(!report.success);
    Ok(result)
}

fn told(report: &WorkflowReport) -> String {
    let mut text = String::new();
    if let Some(error) = &report.error {
        let _ = writeln!(text, "workflow {}: {error}", report.workflow);
    }
    for (name, value) in &report.outputs {
        let _ = writeln!(text, "{name}: {value}");
    }
    for step in &report.steps {
        let end = match (&step.error, &step.commit) {
            (Some(error), _) => error.clone(),
            (None, Some(commit)) => format!("done, commit {commit}"),
            (None, None) => "not done".to_owned(),
        };
        let _ = writeln!(text, "step {}: {end}", step.id);
    }
    text
}

/// Returns the name under which an agent's or a workflow's run is a task.
pub(in crate::mcp) fn task_name(call: &PlanCall) -> String {
    match call {
        PlanCall::Agent { agent, .. } => format!("agent_run {agent}"),
        PlanCall::Workflow { workflow, .. } => format!("workflow_run {workflow}"),
    }
}

/// What stands before a workflow's name in its prompt's.
const PROMPT: &str = "workflow_";

/// Lists a prompt for each workflow: a person picks it, and the assistant runs it.
pub(in crate::mcp) fn prompts(caller: &Caller) -> Vec<Prompt> {
    let catalog = orchestrate::workflows(&caller.host).unwrap_or_default();
    let active = catalog
        .workflows
        .iter()
        .filter(|entry| entry.status.is_none());
    let prompts = active.filter_map(|entry| {
        let plan = orchestrate::plan(&caller.host, entry.name.as_str()).ok()?;
        let arguments = plan.workflow.inputs.iter().map(|input| {
            let mut argument =
                PromptArgument::new(input.name.to_string()).with_required(input.required);
            if let Some(said) = &input.description {
                argument.description = Some(clean::line(said, clean::LONGEST_DESCRIPTION));
            }
            argument
        });
        let said = plan.workflow.description.as_deref().unwrap_or_default();
        Some(Prompt::new(
            format!("{PROMPT}{}", entry.name),
            Some(clean::line(said, clean::LONGEST_DESCRIPTION)),
            Some(arguments.collect()),
        ))
    });
    prompts.collect()
}

/// Makes a workflow's prompt; none where the name is not of one.
pub(in crate::mcp) fn prompt(
    caller: &Caller,
    name: &str,
    arguments: &Map<String, Value>,
) -> Option<Result<GetPromptResult, ErrorData>> {
    let name = name.strip_prefix(PROMPT)?;
    let plan = orchestrate::plan(&caller.host, name).ok()?;
    let inputs = plan.typed(arguments);
    if let Err(error) = plan.inputs(inputs.clone()) {
        return Some(Err(ErrorData::invalid_params(worded(caller, &error), None)));
    }
    let text = format!(
        "Run the workflow {name} with the tool workflow_run, with workflow_id {name:?} and the inputs {}. Then say what it came to, and which \
         branch a person can merge.",
        Value::Object(inputs)
    );
    let message = PromptMessage::new_text(Role::User, text);
    Some(Ok(GetPromptResult::new(vec![message])))
}
