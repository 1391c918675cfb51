//! A request, as the Messages API writes it.

use super::Config;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paracle_plugin_sdk::chat::{ChatError, Message, Part, Request, Role};
use paracle_plugin_sdk::prelude::{Value, json};

/// Makes the body of a request.
pub(crate) fn body(config: &Config, request: &Request, stream: bool) -> Result<Value, ChatError> {
    let (mut system, mut turns) = (Vec::new(), Vec::<(&str, Vec<Value>)>::new());
    for message in &request.messages {
        if message.role == Role::System {
            system.push(message.to_text());
            continue;
        }
        let role = match message.role {
            Role::Assistant => "assistant",
            Role::User | Role::Tool | Role::System => "user",
        };
        let blocks = blocks(message)?;
        // One turn of each: what follows in the same role is the same turn.
        match turns.last_mut() {
            Some((last, before)) if *last == role => before.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    let turns = turns.into_iter().filter(|(_, blocks)| !blocks.is_empty());
    let messages = turns.map(|(role, mut blocks)| {
        // The results of tools come before all else in their turn.
        blocks.sort_by_key(|block| block["type"] != "tool_result");
        json!({"role": role, "content": blocks})
    });
    let mut body = json!({
        "model": request.model,
        "max_tokens": request.max_tokens.unwrap_or(config.max_tokens),
        "messages": messages.collect::<Vec<_>>(),
        "temperature": request.temperature,
        "stream": stream,
    });
    if !system.is_empty() {
        body["system"] = system.join("\n\n").into();
    }
    if !request.stop.is_empty() {
        body["stop_sequences"] = json!(request.stop);
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            Ok(json!({
                "name": tool.name,
                "description": tool.description,
                "input_schema": tool.schema()?,
            }))
        });
        body["tools"] = Value::Array(tools.collect::<Result<_, ChatError>>()?);
    }
    if let Some(schema) = request.schema()? {
        body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema}});
    }
    if let Some(fields) = body.as_object_mut() {
        fields.extend(config.extra.clone());
        for field in &config.omit {
            fields.remove(field);
        }
    }
    Ok(body)
}

fn blocks(message: &Message) -> Result<Vec<Value>, ChatError> {
    let parts = message.content.iter().filter(|part| match part {
        // The API refuses an empty one.
        Part::Text(text) => !text.trim().is_empty(),
        Part::Image(_) | Part::Call(_) | Part::Outcome(_) => true,
    });
    parts.map(|part| block(message.role, part)).collect()
}

fn block(role: Role, part: &Part) -> Result<Value, ChatError> {
    Ok(match (role, part) {
        (_, Part::Text(text)) => json!({"type": "text", "text": text}),
        (Role::User | Role::Tool, Part::Image(image)) => json!({"type": "image", "source": {
            "type": "base64",
            "media_type": image.mime_type,
            "data": STANDARD.encode(&image.data),
        }}),
        (Role::Assistant, Part::Call(call)) => json!({
            "type": "tool_use",
            "id": call.id,
            "name": call.name,
            "input": call.parsed()?,
        }),
        (Role::User | Role::Tool, Part::Outcome(outcome)) => json!({
            "type": "tool_result",
            "tool_use_id": outcome.id,
            "content": outcome.content,
            "is_error": outcome.is_error,
        }),
        (role, part) => return Err(part.misplaced(role)),
    })
}
