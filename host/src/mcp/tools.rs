//! Tools: which there are, and calls of them.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CreateTaskResult, InputResponses,
    ListToolsResult, PaginatedRequestParams,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::calling::Work;
use super::handler::Handler;
use super::names;
use super::own::{self, OwnTool, PlanCall};
use super::pages::page;
use super::talk::{Bound, abilities, knows_tasks, required};
use super::tasks::Wanted;
use super::turn::Turned;
use crate::model::{Ability, TaskSupport, ToolPath, Verb};

/// Lists all tools on one page: a client that reads no second one would miss some for good.
pub(super) fn list(
    caller: &Caller,
    asked: Option<PaginatedRequestParams>,
) -> Result<ListToolsResult, ErrorData> {
    let mut tools = names::tools(&caller.host);
    tools.extend(own::tools(&caller.host));
    let (tools, _) = page(tools, |tool| &tool.name, asked, usize::MAX)?;
    Ok(ListToolsResult::with_all_items(tools))
}

impl Handler {
    /// Answers a call of a tool.
    pub(super) async fn call(
        self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let given = request.arguments.unwrap_or_default();
        let bound_to = Value::Object(given.clone());
        let bound = Bound::to(&self.caller.name, "tools/call", &request.name, &bound_to);
        let (name, arguments) = match self.inner(&request.name, given) {
            Ok(inner) => inner,
            Err(answer) => return Ok((*answer).into()),
        };
        if let Some(tool) = OwnTool::named(&self.caller.host, &name) {
            return match own::plan_call(tool, arguments.clone()) {
                None => Ok(own::run(tool, &self.caller, arguments).await.into()),
                Some(Err(answer)) => Ok((*answer).into()),
                Some(Ok(plan)) => {
                    let come = (request.request_state, request.input_responses);
                    self.plan(plan, &context, come, &bound).await
                }
            };
        }
        let path = names::tool(&self.caller.host, &name)?;
        let come = (request.request_state, request.input_responses);
        if come.0.is_none() {
            self.check_needs(&path, &context)?;
        }
        let task = self.may_be_task(&path, &context).then(|| Wanted {
            caller: self.caller.name.clone(),
            tool: path.to_string(),
            execution: self.caller.execution(),
        });
        let arguments = Value::Object(arguments);
        let verb = Verb::Tool { path, arguments };
        match self.turn(&context, come, verb, &bound, task).await? {
            Turned::Asks(asked) => Ok(asked.into()),
            Turned::Task(task) => Ok(CallToolResponse::Task(CreateTaskResult::new(task))),
            Turned::Done(made) => {
                let answer = made.answer(&self.caller.execution(), self.caller.open())?;
                Ok(self.caller.shown(answer).into())
            }
        }
    }

    /// Runs an agent or a workflow: long, so that it may become a task of its own.
    async fn plan(
        &self,
        plan: PlanCall,
        context: &RequestContext<RoleServer>,
        come: (Option<String>, Option<InputResponses>),
        bound: &Bound,
    ) -> Result<CallToolResponse, ErrorData> {
        let execution = plan.execution(&self.caller);
        let task = knows_tasks(context).then(|| Wanted {
            caller: self.caller.name.clone(),
            tool: own::task_name(&plan),
            execution: execution.clone(),
        });
        match self
            .turn(context, come, Work::Plan(plan), bound, task)
            .await?
        {
            Turned::Asks(asked) => Ok(asked.into()),
            Turned::Task(task) => Ok(CallToolResponse::Task(CreateTaskResult::new(task))),
            Turned::Done(made) => {
                let answer = made.answer(&execution, self.caller.open())?;
                Ok(self.caller.shown(answer).into())
            }
        }
    }

    /// Returns what is called, and with what: `paracle_call` names another tool.
    fn inner(
        &self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<(String, Map<String, Value>), Box<CallToolResult>> {
        match OwnTool::named(&self.caller.host, name) {
            Some(OwnTool::Call) => own::called(arguments),
            Some(_) | None => Ok((name.to_owned(), arguments)),
        }
    }

    /// Refuses a caller that cannot do what a tool needs of it.
    fn check_needs(
        &self,
        path: &ToolPath,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let registry = self.caller.host.registry();
        let plugin = registry.get(&path.plugin);
        let Some(tool) = plugin.and_then(|plugin| plugin.tool(&path.tool)) else {
            // Whoever answers says so better.
            return Ok(());
        };
        let able = abilities(context);
        let needs = tool.info.needs.iter().copied();
        let lacking: Vec<Ability> = needs.filter(|need| !able.contains(need)).collect();
        let lacks_tasks = tool.info.task == TaskSupport::Required && !knows_tasks(context);
        if lacking.is_empty() && !lacks_tasks {
            Ok(())
        } else {
            let required = required(&lacking, lacks_tasks);
            Err(ErrorData::missing_required_client_capability(required))
        }
    }

    /// Tells whether a call may be answered with a task.
    fn may_be_task(&self, path: &ToolPath, context: &RequestContext<RoleServer>) -> bool {
        let registry = self.caller.host.registry();
        let plugin = registry.get(&path.plugin);
        let tool = plugin.and_then(|plugin| plugin.tool(&path.tool));
        tool.is_some_and(|tool| tool.info.task != TaskSupport::Never) && knows_tasks(context)
    }
}
