//! How much a guest says, measured before anything is made of it: it costs whoever reads it.

use super::account::Account;
use super::bindings::imports::chat::{Part, Response};
use super::bindings::imports::context_types::{Prompt, ResourceContent, ResourceInfo};
use super::bindings::imports::tool_types::{Content, Output, ResourceBody};
use super::error::RunError;
use crate::model::LimitName;

/// What each part of an answer costs beside its texts.
const PART: usize = 64;

/// Returns how many bytes a tool's answer has.
pub(super) fn output(output: &Output) -> usize {
    let parts = output.content.iter().map(content);
    parts.sum::<usize>() + optional(output.structured.as_ref())
}

fn content(content: &Content) -> usize {
    PART + match content {
        Content::Text(text) => text.len(),
        Content::Image(media) | Content::Audio(media) => media.data.len() + media.mime_type.len(),
        Content::Link(link) => {
            link.uri.len()
                + link.name.len()
                + optional(link.description.as_ref())
                + optional(link.mime_type.as_ref())
        }
        Content::Embedded(resource) => {
            resource.uri.len() + optional(resource.mime_type.as_ref()) + body(&resource.body)
        }
    }
}

const fn body(body: &ResourceBody) -> usize {
    match body {
        ResourceBody::Text(text) => text.len(),
        ResourceBody::Blob(bytes) => bytes.len(),
    }
}

/// Returns how many bytes a resource's description has.
pub(super) fn resource(info: &ResourceInfo) -> usize {
    let texts = [&info.title, &info.description, &info.mime_type];
    let texts = texts.into_iter().map(|text| optional(text.as_ref()));
    let icons = info.icons.iter().map(|icon| PART + icon.src.len());
    PART + info.uri.len() + info.name.len() + texts.sum::<usize>() + icons.sum::<usize>()
}

/// Returns how many bytes a resource has.
pub(super) fn resource_content(content: &ResourceContent) -> usize {
    PART + content.uri.len() + optional(content.mime_type.as_ref()) + body(&content.body)
}

/// Returns how many bytes a prompt has.
pub(super) fn prompt(prompt: &Prompt) -> usize {
    let messages = prompt.messages.iter();
    optional(prompt.description.as_ref())
        + messages
            .map(|message| content(&message.content))
            .sum::<usize>()
}

/// Returns how many bytes a model's answer has.
pub(super) fn response(response: &Response) -> usize {
    let parts = response.content.iter().map(|part| {
        PART + match part {
            Part::Text(text) => text.len(),
            Part::Image(image) => image.data.len() + image.mime_type.len(),
            Part::Call(call) => call.id.len() + call.name.len() + call.arguments.len(),
            Part::Outcome(outcome) => outcome.id.len() + outcome.content.len(),
        }
    });
    parts.sum::<usize>() + response.model.len()
}

fn optional(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}

/// Counts an answer; one over the limit is refused.
pub(super) fn check(account: &Account, size: usize) -> Result<(), RunError> {
    account
        .count(LimitName::Result, size as u64)
        .map_err(RunError::Limit)
}
