//! Prompts: which there are, and making one.

use rmcp::model::{
    GetPromptRequestParams, GetPromptResponse, ListPromptsResult, PaginatedRequestParams,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::handler::Handler;
use super::pages::{PAGE, page};
use super::talk::Bound;
use super::turn::Turned;
use super::{convert, failure, names, own};
use crate::model::{Given, Reply, Verb};

/// Lists the prompts.
pub(super) fn list(
    caller: &Caller,
    asked: Option<PaginatedRequestParams>,
) -> Result<ListPromptsResult, ErrorData> {
    let mut prompts = names::prompts(&caller.host);
    prompts.extend(own::prompts(caller));
    let (prompts, next) = page(prompts, |prompt| &prompt.name, asked, PAGE)?;
    let mut result = ListPromptsResult::with_all_items(prompts);
    result.next_cursor = next;
    Ok(result)
}

impl Handler {
    /// Makes a prompt.
    pub(super) async fn prompt(
        self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let path = match names::prompt(&self.caller.host, &request.name) {
            Ok(path) => path,
            // A plugin's comes first: its name is what it was before there was a workflow of that name.
            Err(error) => {
                return match own::prompt(&self.caller, &request.name, &arguments) {
                    Some(made) => made.map(Into::into),
                    None => Err(error),
                };
            }
        };
        let bound_to = Value::Object(arguments.clone());
        let bound = Bound::to(&self.caller.name, "prompts/get", &request.name, &bound_to);
        let come = (request.request_state, request.input_responses);
        let arguments = given(arguments)?;
        let verb = Verb::Prompt { path, arguments };
        let made = match self.turn(&context, come, verb, &bound, None).await? {
            Turned::Asks(asked) => return Ok(asked.into()),
            Turned::Task(_) => return Err(failure::broke("a prompt is no task")),
            Turned::Done(made) => made.receipt()?,
        };
        match made.reply {
            Reply::Prompt(Ok(prompt)) => Ok(convert::prompt(prompt).into()),
            Reply::Prompt(Err(error)) => Err(failure::of_context(&error)),
            _ => Err(failure::broke("something else than a prompt came back")),
        }
    }
}

/// The protocol has texts alone here.
fn given(arguments: Map<String, Value>) -> Result<Vec<Given>, ErrorData> {
    let one = |(name, value)| match value {
        Value::String(value) => Ok(Given { name, value }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(ErrorData::invalid_params(
                format!("argument `{name}` of a prompt has to be a text"),
                None,
            ))
        }
    };
    arguments.into_iter().map(one).collect()
}
