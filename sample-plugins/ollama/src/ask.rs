//! A request, as Ollama writes it.

use super::Config;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paracle_plugin_sdk::chat::{ChatError, Message, Part, Request, Role};
use paracle_plugin_sdk::prelude::{Value, json};

/// Makes the body of a request.
pub(crate) fn body(config: &Config, request: &Request, stream: bool) -> Result<Value, ChatError> {
    let mut messages = Vec::new();
    for message in &request.messages {
        say(message, &request.messages, &mut messages)?;
    }
    let mut options = config.options.clone();
    options.insert("temperature".into(), json!(request.temperature));
    if let Some(most) = request.max_tokens {
        options.insert("num_predict".into(), most.into());
    }
    if !request.stop.is_empty() {
        options.insert("stop".into(), json!(request.stop));
    }
    let mut body = json!({
        "model": request.model,
        "messages": messages,
        "options": options,
        "stream": stream,
    });
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
        body["format"] = schema;
    }
    if let Some(time) = &config.keep_alive {
        body["keep_alive"] = time.as_str().into();
    }
    if let Some(think) = &config.think {
        body["think"] = think.clone();
    }
    Ok(body)
}

/// Writes one message, which becomes several where it has the results of several tools.
fn say(message: &Message, all: &[Message], messages: &mut Vec<Value>) -> Result<(), ChatError> {
    let (mut images, mut calls, mut outcomes) = (Vec::new(), Vec::new(), false);
    for part in &message.content {
        match (message.role, part) {
            (_, Part::Text(_)) => {}
            (Role::User | Role::Tool, Part::Image(image)) => {
                images.push(STANDARD.encode(&image.data))
            }
            (Role::Assistant, Part::Call(call)) => calls.push(json!({
                "function": {"name": call.name, "arguments": call.parsed()?},
            })),
            (Role::User | Role::Tool, Part::Outcome(outcome)) => {
                // The format has no place for it.
                let failed = if outcome.is_error { "error: " } else { "" };
                let mut result =
                    json!({"role": "tool", "content": format!("{failed}{}", outcome.content)});
                // Ollama tells calls apart by the tool, and not by an id.
                if let Some(name) = tool_of(&outcome.id, all) {
                    result["tool_name"] = name.into();
                }
                messages.push(result);
                outcomes = true;
            }
            (role, part) => return Err(part.misplaced(role)),
        }
    }
    let text = message.to_text();
    if outcomes && text.is_empty() && images.is_empty() {
        return Ok(());
    }
    let role = match message.role {
        Role::System => "system",
        // What a tool gave was said; more than that is the user's to say.
        Role::User | Role::Tool => "user",
        Role::Assistant => "assistant",
    };
    let mut said = json!({"role": role, "content": text});
    if !images.is_empty() {
        said["images"] = json!(images);
    }
    if !calls.is_empty() {
        said["tool_calls"] = Value::Array(calls);
    }
    messages.push(said);
    Ok(())
}

/// Returns which tool a call was of.
fn tool_of<'a>(id: &str, messages: &'a [Message]) -> Option<&'a str> {
    let parts = messages.iter().rev().flat_map(|message| &message.content);
    let mut calls = parts.filter_map(|part| match part {
        Part::Call(call) => Some(call),
        Part::Text(_) | Part::Image(_) | Part::Outcome(_) => None,
    });
    calls
        .find(|call| call.id == id)
        .map(|call| call.name.as_str())
}
