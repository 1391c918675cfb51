//! A request, as Chat Completions writes it.

use super::{Config, MaxTokens};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paracle_plugin_sdk::chat::{ChatError, Message, Part, Request, Role};
use paracle_plugin_sdk::prelude::{Value, json};

/// Makes the body of a request.
pub(crate) fn body(config: &Config, request: &Request, stream: bool) -> Result<Value, ChatError> {
    let mut messages = Vec::new();
    for message in &request.messages {
        say(message, &mut messages)?;
    }
    let mut body = json!({
        "model": request.model,
        "messages": messages,
        "temperature": request.temperature,
        "stream": stream,
    });
    if stream {
        body["stream_options"] = json!({"include_usage": true});
    }
    if let Some(most) = request.max_tokens {
        body[max_tokens(config)] = most.into();
    }
    if !request.stop.is_empty() {
        body["stop"] = json!(request.stop);
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            Ok(json!({"type": "function", "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.schema()?,
            }}))
        });
        body["tools"] = Value::Array(tools.collect::<Result<_, ChatError>>()?);
    }
    if let Some(schema) = request.schema()? {
        body["response_format"] = json!({"type": "json_schema", "json_schema": {
            "name": "answer",
            "strict": is_strict(&schema),
            "schema": schema,
        }});
    }
    if let Some(fields) = body.as_object_mut() {
        fields.extend(config.extra.clone());
        for field in &config.omit {
            fields.remove(field);
        }
    }
    Ok(body)
}

fn max_tokens(config: &Config) -> &'static str {
    match config.max_tokens_field {
        Some(MaxTokens::MaxTokens) => "max_tokens",
        Some(MaxTokens::MaxCompletionTokens) => "max_completion_tokens",
        None if config.base_url.contains("://api.openai.com/") => "max_completion_tokens",
        None => "max_tokens",
    }
}

/// Writes one message, which becomes several where it has the results of several tools.
fn say(message: &Message, messages: &mut Vec<Value>) -> Result<(), ChatError> {
    let (mut parts, mut calls, mut pictures) = (Vec::new(), Vec::new(), false);
    for part in &message.content {
        match (message.role, part) {
            (_, Part::Text(text)) => parts.push(json!({"type": "text", "text": text})),
            (Role::User, Part::Image(image)) => {
                let url = format!(
                    "data:{};base64,{}",
                    image.mime_type,
                    STANDARD.encode(&image.data)
                );
                parts.push(json!({"type": "image_url", "image_url": {"url": url}}));
                pictures = true;
            }
            (Role::Assistant, Part::Call(call)) => calls.push(json!({
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            })),
            (Role::User | Role::Tool, Part::Outcome(outcome)) => {
                // The format has no place for it.
                let failed = if outcome.is_error { "error: " } else { "" };
                messages.push(json!({
                    "role": "tool",
                    "tool_call_id": outcome.id,
                    "content": format!("{failed}{}", outcome.content),
                }));
            }
            (role, part) => return Err(part.misplaced(role)),
        }
    }
    let role = match message.role {
        Role::System => "system",
        // What a tool gave was said; more than that is the user's to say.
        Role::User | Role::Tool => "user",
        Role::Assistant => "assistant",
    };
    if parts.is_empty() && calls.is_empty() {
        if message.content.is_empty() {
            messages.push(json!({"role": role, "content": ""}));
        }
        return Ok(());
    }
    let content = match parts.is_empty() {
        true => Value::Null,
        false if pictures => Value::Array(parts),
        // Servers that read no pictures may know texts alone.
        false => message.to_text().into(),
    };
    let mut said = json!({"role": role, "content": content});
    if !calls.is_empty() {
        said["tool_calls"] = Value::Array(calls);
    }
    messages.push(said);
    Ok(())
}

/// Tells whether a schema has the form that servers can hold an answer to: no object may have other members, and none
/// may lack one.
fn is_strict(schema: &Value) -> bool {
    let inner = match schema {
        Value::Object(map) => map.values().all(is_strict),
        Value::Array(list) => list.iter().all(is_strict),
        _ => true,
    };
    let Some(members) = schema.get("properties").and_then(Value::as_object) else {
        return inner;
    };
    let required = schema.get("required").and_then(Value::as_array);
    let all = members.keys().all(|name| {
        required.is_some_and(|required| required.iter().any(|other| other == name.as_str()))
    });
    inner && all && schema["additionalProperties"] == Value::Bool(false)
}
