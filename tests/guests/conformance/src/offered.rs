//! Resources, a template, prompts, and their completions.

use paracle_plugin_sdk::context::Context;
use paracle_plugin_sdk::offered::{
    ContextError, Given, Prompt, PromptInfo, PromptMessage, Prompts, ResourceContent, ResourceInfo,
    Resources, Suggestions, TemplateInfo, given,
};
use paracle_plugin_sdk::output::Content;
use serde_json::json;

use crate::Fixtures;
use crate::asking::{form, one, told};
use crate::content::{PNG, picture, resource};

const TEMPLATE: &str = "test://template/{id}/data";

impl Resources for Fixtures {
    fn templates() -> Vec<TemplateInfo> {
        let mut template = TemplateInfo::new(TEMPLATE, "Data by id");
        template.description = Some("Data whose address names an id".into());
        template.mime_type = Some("application/json".into());
        vec![template]
    }

    fn list(_: &mut Context<'_, Self>) -> Result<Vec<ResourceInfo>, ContextError> {
        let one = |uri: &str, name: &str, mime_type: &str| ResourceInfo {
            description: Some(format!("{name} for testing")),
            mime_type: Some(mime_type.into()),
            ..ResourceInfo::new(uri, name)
        };
        Ok(vec![
            one("test://static-text", "Static text", "text/plain"),
            one("test://static-binary", "Static binary", "image/png"),
            one("test://watched-resource", "Watched resource", "text/plain"),
            one("test://example-resource", "Example resource", "text/plain"),
        ])
    }

    fn read(_: &mut Context<'_, Self>, uri: &str) -> Result<Vec<ResourceContent>, ContextError> {
        Ok(vec![match uri {
            "test://static-text" => ResourceContent::text(
                uri,
                "text/plain",
                "This is the content of the static text resource.",
            ),
            "test://static-binary" => ResourceContent::blob(uri, "image/png", PNG.to_vec()),
            "test://watched-resource" => {
                ResourceContent::text(uri, "text/plain", "Watched resource content")
            }
            "test://example-resource" => {
                ResourceContent::text(uri, "text/plain", "Example resource content")
            }
            other => match id(other) {
                Some(id) => ResourceContent::text(
                    uri,
                    "application/json",
                    json!({
                        "id": id,
                        "templateTest": true,
                        "data": format!("Data for ID: {id}"),
                    })
                    .to_string(),
                ),
                None => return Err(ContextError::NotFound(uri.to_owned())),
            },
        }])
    }

    fn complete_variable(
        _: &mut Context<'_, Self>,
        uri_template: &str,
        variable: &str,
        typed: &str,
        _: &[Given],
    ) -> Result<Suggestions, ContextError> {
        match (uri_template, variable) {
            (TEMPLATE, "id") => Ok(Suggestions::of(["123", "124", "200"], typed)),
            _ => Err(ContextError::NotFound(format!(
                "{variable} of {uri_template}"
            ))),
        }
    }
}

impl Prompts for Fixtures {
    fn prompts() -> Vec<PromptInfo> {
        vec![
            PromptInfo::new("test_simple_prompt", "A prompt without arguments"),
            PromptInfo::new("test_prompt_with_arguments", "A prompt with arguments")
                .argument("arg1", "First test argument", true)
                .argument("arg2", "Second test argument", true),
            PromptInfo::new(
                "test_prompt_with_embedded_resource",
                "A prompt that has a resource in it",
            )
            .argument("resourceUri", "URI of the resource to embed", true),
            PromptInfo::new(
                "test_prompt_with_image",
                "A prompt that has a picture in it",
            ),
            PromptInfo::new(
                "test_input_required_result_prompt",
                "A prompt that asks the person first",
            ),
        ]
    }

    fn get(
        _: &mut Context<'_, Self>,
        name: &str,
        arguments: &[Given],
    ) -> Result<Prompt, ContextError> {
        let value = |name: &str| given(arguments, name).unwrap_or_default();
        match name {
            "test_simple_prompt" => Ok(Prompt::user("This is a simple prompt for testing.")),
            "test_prompt_with_arguments" => Ok(Prompt::user(format!(
                "Prompt with arguments: arg1='{}', arg2='{}'",
                value("arg1"),
                value("arg2")
            ))),
            "test_prompt_with_embedded_resource" => Ok(of([
                resource(
                    value("resourceUri"),
                    "text/plain",
                    "Embedded resource content for testing.",
                ),
                Content::Text("Please process the embedded resource above.".into()),
            ])),
            "test_prompt_with_image" => Ok(of([
                picture(),
                Content::Text("Please analyze the image above.".into()),
            ])),
            "test_input_required_result_prompt" => {
                let question = form(
                    "What context should the prompt use?",
                    json!({
                        "type": "object",
                        "properties": { "context": { "type": "string" } },
                        "required": ["context"],
                    }),
                );
                let said = one("user_context", question)
                    .map_err(|error| ContextError::runtime(error.text()))?;
                Ok(Prompt::user(format!("Use this context: {}", told(&said))))
            }
            other => Err(ContextError::NotFound(format!("prompt {other}"))),
        }
    }

    fn complete_argument(
        _: &mut Context<'_, Self>,
        name: &str,
        argument: &str,
        typed: &str,
        _: &[Given],
    ) -> Result<Suggestions, ContextError> {
        match (name, argument) {
            ("test_prompt_with_arguments", "arg1") => {
                Ok(Suggestions::of(["paris", "park", "party"], typed))
            }
            _ => Ok(Suggestions::none()),
        }
    }
}

/// Makes a prompt of several messages by the person.
fn of<const N: usize>(content: [Content; N]) -> Prompt {
    Prompt {
        description: None,
        messages: content.map(PromptMessage::user).into(),
    }
}

/// Returns the id in an address of the template.
fn id(uri: &str) -> Option<&str> {
    let id = uri
        .strip_prefix("test://template/")?
        .strip_suffix("/data")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}
