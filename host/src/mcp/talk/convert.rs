//! Questions and answers between the model and the protocol.

#![expect(
    deprecated,
    reason = "sampling and roots are deprecated, and clients of today still have them"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rmcp::model::{
    ClientResult, CreateMessageRequest, CreateMessageRequestParams, CreateMessageResult,
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, ListRootsRequest, ListRootsResult, SamplingMessage, SamplingMessageContentBlock,
    ServerRequest, Tool,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::flow;
use crate::mcp::clean;
use crate::model::chat::{FinishReason, Message, Part, Request, Response, Role, ToolCall, Usage};
use crate::model::{Answer, ClientReply, ClientRequest, NotAvailable, Question, Root};

/// The longest question that a person reads, in characters.
const LONGEST: usize = 4096;

/// What a model may answer where the plugin does not say it.
const MOST_TOKENS: u32 = 1024;

fn unable(why: impl Into<String>) -> NotAvailable {
    NotAvailable { why: why.into() }
}

/// Makes the protocol's request of a question.
pub(in crate::mcp) fn input_request(question: &Question) -> Result<InputRequest, NotAvailable> {
    Ok(match &question.request {
        ClientRequest::Form { message, schema } => {
            check_form(schema, None)?;
            let schema: ElicitationSchema = serde_json::from_value(Value::Object(schema.clone()))
                .map_err(|error| {
                unable(format!(
                    "no client shows a form of this schema; take an object of flat fields: {error}"
                ))
            })?;
            InputRequest::Elicitation(ElicitRequest::new(
                ElicitRequestParams::FormElicitationParams {
                    meta: None,
                    message: clean::text(message, LONGEST),
                    requested_schema: schema,
                },
            ))
        }
        ClientRequest::Url { message, url } => InputRequest::Elicitation(ElicitRequest::new(
            ElicitRequestParams::UrlElicitationParams {
                meta: None,
                message: clean::text(message, LONGEST),
                url: url.clone(),
                elicitation_id: ulid::Ulid::generate().to_string(),
            },
        )),
        ClientRequest::Sampling(request) => {
            InputRequest::CreateMessage(CreateMessageRequest::new(sampling(request)?))
        }
        ClientRequest::Roots => InputRequest::ListRoots(ListRootsRequest::default()),
    })
}

/// Makes the request that a client of the legacy era is sent.
pub(super) fn request(request: InputRequest) -> ServerRequest {
    match request {
        InputRequest::CreateMessage(request) => ServerRequest::CreateMessageRequest(request),
        InputRequest::ListRoots(request) => ServerRequest::ListRootsRequest(request),
        InputRequest::Elicitation(request) => ServerRequest::ElicitRequest(request),
        // The library's enum may grow; nothing else is made above.
        _ => ServerRequest::ListRootsRequest(ListRootsRequest::default()),
    }
}

/// Reads what a client of the legacy era answered.
pub(super) fn answer_of(
    request: &ClientRequest,
    answer: ClientResult,
) -> Result<ClientReply, NotAvailable> {
    match (request, answer) {
        (ClientRequest::Form { .. }, ClientResult::ElicitResult(result)) => {
            Ok(ClientReply::Form(form(result)))
        }
        (ClientRequest::Url { .. }, ClientResult::ElicitResult(result)) => {
            Ok(ClientReply::Url(url(&result)))
        }
        (ClientRequest::Sampling(_), ClientResult::CreateMessageResult(result)) => {
            sampled(*result).map(ClientReply::Sampling)
        }
        (ClientRequest::Roots, ClientResult::ListRootsResult(result)) => {
            Ok(ClientReply::Roots(roots(result)))
        }
        _ => Err(unable("whoever called answered something else")),
    }
}

/// Reads an answer to a question, as a client brings it; the error says what is wrong with it.
pub(in crate::mcp) fn reply_of(
    request: &ClientRequest,
    answer: Value,
) -> Result<ClientReply, NotAvailable> {
    fn read<T: DeserializeOwned>(answer: Value) -> Result<T, NotAvailable> {
        serde_json::from_value(answer).map_err(|error| unable(error.to_string()))
    }
    let reply = match request {
        ClientRequest::Form { .. } => ClientReply::Form(form(read(answer)?)),
        ClientRequest::Url { .. } => ClientReply::Url(url(&read(answer)?)),
        ClientRequest::Sampling(_) => ClientReply::Sampling(sampled(read(answer)?)?),
        ClientRequest::Roots => ClientReply::Roots(roots(read(answer)?)),
    };
    check_reply(request, &reply)?;
    Ok(reply)
}

/// Checks that what a form was filled with fits it.
pub(super) fn check_reply(
    request: &ClientRequest,
    reply: &ClientReply,
) -> Result<(), NotAvailable> {
    match (request, reply) {
        (ClientRequest::Form { schema, .. }, ClientReply::Form(Answer::Accepted(content))) => {
            check_form(schema, Some(content))
        }
        _ => Ok(()),
    }
}

fn form(result: ElicitResult) -> Answer<Value> {
    match result.action {
        ElicitationAction::Accept => {
            Answer::Accepted(result.content.unwrap_or_else(|| serde_json::json!({})))
        }
        ElicitationAction::Decline => Answer::Declined,
        // What the library may know one day is no yes.
        _ => Answer::Cancelled,
    }
}

/// Checks a form's schema, and what was filled in.
fn check_form(
    schema: &serde_json::Map<String, Value>,
    content: Option<&Value>,
) -> Result<(), NotAvailable> {
    flow::check_form(schema, content).map_err(unable)
}

const fn url(result: &ElicitResult) -> Answer<()> {
    match result.action {
        ElicitationAction::Accept => Answer::Accepted(()),
        ElicitationAction::Decline => Answer::Declined,
        // What the library may know one day is no yes.
        _ => Answer::Cancelled,
    }
}

fn roots(result: ListRootsResult) -> Vec<Root> {
    let root = |root: rmcp::model::Root| Root {
        uri: root.uri,
        name: root.name,
    };
    result.roots.into_iter().map(root).collect()
}

fn sampling(request: &Request) -> Result<CreateMessageRequestParams, NotAvailable> {
    let mut system = String::new();
    let mut messages = Vec::new();
    for message in &request.messages {
        match message.role {
            Role::System => system.push_str(&text(message)),
            Role::User | Role::Tool => messages.push(SamplingMessage::new_multiple(
                rmcp::model::Role::User,
                blocks(message)?,
            )),
            Role::Assistant => messages.push(SamplingMessage::new_multiple(
                rmcp::model::Role::Assistant,
                blocks(message)?,
            )),
        }
    }
    // Clients from before several blocks in a message read one.
    for message in &mut messages {
        if let rmcp::model::SamplingContent::Multiple(blocks) = &mut message.content
            && blocks.len() == 1
            && let Some(block) = blocks.pop()
        {
            message.content = rmcp::model::SamplingContent::Single(block);
        }
    }
    let mut params =
        CreateMessageRequestParams::new(messages, request.max_tokens.unwrap_or(MOST_TOKENS));
    params.system_prompt = (!system.is_empty()).then_some(system);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a temperature needs no more digits"
    )]
    let temperature = request.temperature as f32;
    params.temperature = Some(temperature);
    params.stop_sequences = (!request.stop.is_empty()).then(|| request.stop.clone());
    let tools: Result<Vec<Tool>, _> = request
        .tools
        .iter()
        .map(|tool| {
            let parameters = serde_json::from_str(&tool.parameters);
            let parameters: serde_json::Map<String, Value> = parameters.map_err(|error| {
                unable(format!(
                    "`parameters` of tool {} are no JSON object: {error}",
                    tool.name
                ))
            })?;
            Ok(Tool::new(
                tool.name.clone(),
                tool.description.clone(),
                parameters,
            ))
        })
        .collect();
    let tools = tools?;
    params.tools = (!tools.is_empty()).then_some(tools);
    Ok(params)
}

fn text(message: &Message) -> String {
    let texts = message.content.iter().filter_map(|part| match part {
        Part::Text { text } => Some(text.as_str()),
        Part::Image { .. } | Part::Call(_) | Part::Outcome { .. } => None,
    });
    texts.collect()
}

fn blocks(message: &Message) -> Result<Vec<SamplingMessageContentBlock>, NotAvailable> {
    let block = |part: &Part| {
        Ok(match part {
            Part::Text { text } => SamplingMessageContentBlock::text(text.clone()),
            Part::Image { data, mime_type } => SamplingMessageContentBlock::Image(
                rmcp::model::ImageContent::new(BASE64.encode(data), mime_type.clone()),
            ),
            Part::Call(call) => {
                let input = serde_json::from_str(&call.arguments).map_err(|error| {
                    unable(format!(
                        "the arguments of a call of {} are no JSON object: {error}",
                        call.name
                    ))
                })?;
                SamplingMessageContentBlock::ToolUse(rmcp::model::ToolUseContent::new(
                    call.id.clone(),
                    call.name.clone(),
                    input,
                ))
            }
            Part::Outcome {
                id,
                content,
                is_error,
            } => {
                let said = vec![rmcp::model::ContentBlock::text(content.clone())];
                let mut result = rmcp::model::ToolResultContent::new(id.clone(), said);
                result.is_error = Some(*is_error);
                SamplingMessageContentBlock::ToolResult(result)
            }
        })
    };
    message.content.iter().map(block).collect()
}

/// Reads a model's answer. Clients do not count tokens for anybody else.
fn sampled(result: CreateMessageResult) -> Result<Response, NotAvailable> {
    let mut content = Vec::new();
    for block in result.message.content.into_vec() {
        content.push(match block {
            SamplingMessageContentBlock::Text(text) => Part::Text { text: text.text },
            SamplingMessageContentBlock::Image(image) => Part::Image {
                data: BASE64
                    .decode(&image.data)
                    .map_err(|error| unable(format!("the model's image is no base64: {error}")))?,
                mime_type: image.mime_type,
            },
            SamplingMessageContentBlock::ToolUse(call) => Part::Call(ToolCall {
                id: call.id,
                name: call.name,
                arguments: Value::Object(call.input).to_string(),
            }),
            SamplingMessageContentBlock::Audio(_) | SamplingMessageContentBlock::ToolResult(_) => {
                return Err(unable(
                    "the model answered with what no plugin can take: a sound, or a tool's result",
                ));
            }
            _ => return Err(unable("the model answered with what no plugin can take")),
        });
    }
    let finish_reason = match result.stop_reason.as_deref() {
        Some(CreateMessageResult::STOP_REASON_END_MAX_TOKEN) => FinishReason::Length,
        Some(CreateMessageResult::STOP_REASON_TOOL_USE) => FinishReason::ToolCalls,
        Some(_) | None => FinishReason::Stop,
    };
    Ok(Response {
        content,
        model: result.model,
        finish_reason,
        usage: Usage::default(),
    })
}
