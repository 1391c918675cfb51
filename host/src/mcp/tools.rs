//! Tools: which there are, and calls of them.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ListToolsResult,
    PaginatedRequestParams,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::calling::Made;
use super::handler::{Handler, Turned};
use super::own::{self, OwnTool};
use super::pages::page;
use super::talk::{Bound, abilities, required};
use super::{convert, failure, names};
use crate::model::{Ability, ToolPath, Verb};

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
            return Ok(own::run(tool, &self.caller, arguments).await.into());
        }
        let path = names::tool(&self.caller.host, &name)?;
        let come = (request.request_state, request.input_responses);
        if come.0.is_none() {
            self.check_needs(&path, &context)?;
        }
        let arguments = Value::Object(arguments);
        let verb = Verb::Tool { path, arguments };
        match self.turn(&context, come, verb, &bound).await? {
            Turned::Asks(asked) => Ok(asked.into()),
            Turned::Done(made) => self.answer(*made),
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
        if lacking.is_empty() {
            Ok(())
        } else {
            let required = required(&lacking, false);
            Err(ErrorData::missing_required_client_capability(required))
        }
    }

    fn answer(&self, made: Made) -> Result<CallToolResponse, ErrorData> {
        if let Some(refusal) = &made.declined {
            return Ok(failure::declined(refusal).into());
        }
        let caller = &self.caller;
        Ok(match made.done {
            Ok(receipt) => {
                let call = receipt.call;
                let most = caller.host.settings().mcp.result_chars;
                convert::result(receipt, |said| caller.kept.bound(said, call, most))
            }
            Err(error) => failure::of_call(&error, &caller.execution())?,
        }
        .into())
    }
}
