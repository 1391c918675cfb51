//! A fixture that asks models for all that the contract has, and says exactly what came of it.

use paracle_plugin_sdk::chat::{
    ChatError, Image, Message, ModelInfo, Part, Request, Role, ToolCall, ToolResult, ToolSpec,
};
use paracle_plugin_sdk::host::completions;
use paracle_plugin_sdk::prelude::*;

struct Asker;

impl Plugin for Asker {
    /// What its providers need is named here, too: a call has no more than its caller.
    const CAPABILITIES: &[Capability] = &[
        Capability::Completions,
        Capability::NetworkAccess,
        Capability::Secrets,
    ];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Asks a model.
#[derive(Deserialize, JsonSchema)]
struct Chat {
    provider: String,
    model: String,
    messages: Vec<Said>,
    temperature: Option<f64>,
    max_tokens: Option<u32>,
    #[serde(default)]
    stop: Vec<String>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    tools: Vec<Spec>,
    schema: Option<Value>,
}

#[derive(Deserialize, JsonSchema)]
struct Said {
    role: String,
    content: Vec<Piece>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Piece {
    Text(String),
    /// Its bytes and its type.
    Image(Vec<u8>, String),
    /// Id, name, arguments.
    Call(String, String, String),
    /// Id, content, and whether it is an error.
    Outcome(String, String, bool),
}

#[derive(Deserialize, JsonSchema)]
struct Spec {
    name: String,
    description: String,
    parameters: Value,
}

impl Said {
    fn message(self) -> Result<Message, ToolError> {
        let role = match self.role.as_str() {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            other => return Err(ToolError::Runtime(format!("there is no role {other}"))),
        };
        let part = |piece| match piece {
            Piece::Text(text) => Part::Text(text),
            Piece::Image(data, mime_type) => Part::Image(Image { data, mime_type }),
            Piece::Call(id, name, arguments) => Part::Call(ToolCall {
                id,
                name,
                arguments,
            }),
            Piece::Outcome(id, content, is_error) => Part::Outcome(ToolResult {
                id,
                content,
                is_error,
            }),
        };
        Ok(Message {
            role,
            content: self.content.into_iter().map(part).collect(),
        })
    }
}

impl Tool<Asker> for Chat {
    const NAME: &str = "chat";
    type Output = Json<Value>;

    fn call(self, _: &mut Context<'_, Asker>) -> Result<Json<Value>, ToolError> {
        let messages = self.messages.into_iter().map(Said::message);
        let tools = self.tools.into_iter().map(|tool| ToolSpec {
            name: tool.name,
            description: tool.description,
            parameters: tool.parameters.to_string(),
        });
        let request = Request {
            temperature: self.temperature.unwrap_or(Request::TEMPERATURE),
            max_tokens: self.max_tokens,
            stop: self.stop,
            stream: self.stream,
            tools: tools.collect(),
            response_schema: self.schema.map(|schema| schema.to_string()),
            ..Request::new(self.model, messages.collect::<Result<_, _>>()?)
        };
        let answer = completions::complete(Some(&self.provider), &request);
        Ok(Json::new(match answer {
            Ok(answer) => json!({
                "content": answer.content.iter().map(part).collect::<Vec<_>>(),
                "model": answer.model,
                "finish": name(&answer.finish_reason),
                "usage": [
                    answer.usage.prompt_tokens,
                    answer.usage.completion_tokens,
                    answer.usage.total_tokens,
                ],
            }),
            Err(error) => said(&error),
        }))
    }
}

/// Lists the models of a provider.
#[derive(Deserialize, JsonSchema)]
struct Models {
    provider: String,
}

impl Tool<Asker> for Models {
    const NAME: &str = "models";
    type Output = Json<Value>;

    fn call(self, _: &mut Context<'_, Asker>) -> Result<Json<Value>, ToolError> {
        let model = |model: &ModelInfo| {
            json!({
                "id": model.id,
                "context": model.context_length,
                "streams": model.supports_streaming,
                "calls": model.supports_function_calling,
                "sees": model.supports_vision,
                "details": model.details,
            })
        };
        Ok(Json::new(
            match completions::list_models(Some(&self.provider)) {
                Ok(models) => models.iter().map(model).collect(),
                Err(error) => said(&error),
            },
        ))
    }
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"text": text}),
        Part::Call(call) => json!({"call": [call.id, call.name, call.arguments]}),
        Part::Image(image) => json!({"image": image.mime_type}),
        Part::Outcome(outcome) => json!({"outcome": outcome.id}),
    }
}

/// What the contract calls a case; the generated `Debug` writes `Type::Case`.
fn name(case: &impl std::fmt::Debug) -> String {
    let text = format!("{case:?}");
    let text = text.split('(').next().unwrap_or_default();
    text.rsplit("::").next().unwrap_or_default().to_owned()
}

fn said(error: &ChatError) -> Value {
    let wait = match error {
        ChatError::RateLimit(limit) => limit.retry_after_ms,
        _ => None,
    };
    json!({"error": name(error), "message": error.text(), "retry_after_ms": wait})
}

paracle_plugin_sdk::export!(tools: [Chat, Models], plugin: Asker);
