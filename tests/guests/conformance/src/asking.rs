//! Tools that ask in the middle of a call: the person, or the client's model.

use paracle_plugin_sdk::chat::{self, Message, Role};
use paracle_plugin_sdk::host::ask::{self, Reply, Request};
use paracle_plugin_sdk::output::Output;
use paracle_plugin_sdk::prelude::*;
use serde_json::Value;

use crate::{Fixtures, tools};

tools! {
    "Asks for five values that have defaults." Defaults "test_elicitation_sep1034_defaults" => defaults;
    "Asks for choices in each of the five ways." Enums "test_elicitation_sep1330_enums" => enums;
    "Needs a client with a model." MissingCapability "test_missing_capability" needs Sampling => missing_capability;
    "Asks the person, where the client can." Streaming "test_streaming_elicitation" => streaming;
}

/// Asks the person for a name and an address.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Elicitation {
    /// The message to show the person.
    message: String,
}

impl Tool<Fixtures> for Elicitation {
    const NAME: &str = "test_elicitation";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Output;

    fn call(self, _: &mut Context<'_, Fixtures>) -> Result<Output, ToolError> {
        let said = one(
            "user",
            form(
                &self.message,
                json!({
                    "type": "object",
                    "properties": {
                        "username": { "type": "string", "description": "User's response" },
                        "email": { "type": "string", "description": "User's email address" },
                    },
                    "required": ["username", "email"],
                }),
            ),
        )?;
        Ok(Output::text(format!("User response: {}", told(&said))))
    }
}

/// Asks the client's model.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Sampling {
    /// The prompt to send to the model.
    prompt: String,
}

impl Tool<Fixtures> for Sampling {
    const NAME: &str = "test_sampling";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Output;

    fn call(self, _: &mut Context<'_, Fixtures>) -> Result<Output, ToolError> {
        let said = one("model", sampling(&self.prompt, 100))?;
        Ok(Output::text(format!("LLM response: {}", told(&said))))
    }
}

fn defaults() -> Result<Output, ToolError> {
    let question = form(
        "Please review and update the form fields with defaults",
        json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "User name", "default": "John Doe" },
                "age": { "type": "integer", "description": "User age", "default": 30 },
                "score": { "type": "number", "description": "User score", "default": 95.5 },
                "status": {
                    "type": "string", "description": "User status", "enum": ["active", "inactive", "pending"], "default": "active",
                },
                "verified": { "type": "boolean", "description": "Verification status", "default": true },
            },
            "required": [],
        }),
    );
    completed(question)
}

fn enums() -> Result<Output, ToolError> {
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    let choices = json!([
        { "const": "value1", "title": "First Choice" },
        { "const": "value2", "title": "Second Choice" },
        { "const": "value3", "title": "Third Choice" },
    ]);
    let question = form(
        "Please select options from the enum fields",
        json!({
            "type": "object",
            "properties": {
                "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
                "titledSingle": { "type": "string", "oneOf": titled },
                "legacyEnum": {
                    "type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["Option One", "Option Two", "Option Three"],
                },
                "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
                "titledMulti": { "type": "array", "items": { "anyOf": choices } },
            },
            "required": [],
        }),
    );
    completed(question)
}

fn missing_capability() -> Result<Output, ToolError> {
    Ok(Output::text("The client has a model"))
}

fn streaming() -> Result<Output, ToolError> {
    let said = one(
        "user",
        form(
            "Please go on",
            json!({
                "type": "object",
                "properties": { "ok": { "type": "boolean" } },
            }),
        ),
    )?;
    Ok(Output::text(told(&said)))
}

fn completed(question: Request) -> Result<Output, ToolError> {
    let said = one("form", question)?;
    Ok(Output::text(format!(
        "Elicitation completed: {}",
        told(&said)
    )))
}

/// Makes a question to the person.
pub(crate) fn form(message: &str, schema: Value) -> Request {
    Request::Form(ask::Question {
        message: message.to_owned(),
        schema: schema.to_string(),
    })
}

/// Makes a question to the client's model.
pub(crate) fn sampling(prompt: &str, max_tokens: u32) -> Request {
    let mut request = chat::Request::new("", vec![Message::text(Role::User, prompt)]);
    request.max_tokens = Some(max_tokens);
    Request::Sampling(request)
}

/// Asks one thing, under a key.
pub(crate) fn one(key: &str, request: Request) -> Result<Reply, ToolError> {
    let [reply] = ask::all([(key, request)])?;
    Ok(reply)
}

/// Says what came back, in one line.
pub(crate) fn told(reply: &Reply) -> String {
    match reply {
        Reply::Form(answer) => match ask::read::<Value>(answer.clone()) {
            Ok(ask::Answer::Accepted(content)) => format!("action=accept, content={content}"),
            Ok(ask::Answer::Declined) => "action=decline, content={}".into(),
            Ok(ask::Answer::Cancelled) => "action=cancel, content={}".into(),
            Err(error) => error.to_string(),
        },
        Reply::Url(consent) => format!("{consent:?}"),
        Reply::Sampling(response) => response.to_text(),
        Reply::Roots(roots) => {
            let uris: Vec<&str> = roots.iter().map(|root| root.uri.as_str()).collect();
            uris.join(", ")
        }
    }
}
