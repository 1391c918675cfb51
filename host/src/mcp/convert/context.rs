//! Resources, prompts and suggestions, as clients list and read them.

use rmcp::model::{
    CompletionInfo, GetPromptResult, Prompt, PromptArgument, PromptMessage, Resource,
    ResourceContents, ResourceTemplate, Role,
};

use super::content::{block, described, embedded, icons, titled, typed};
use crate::mcp::clean;
use crate::model::{
    self, PromptInfo, ResourceContent, ResourceInfo, Speaker, Suggestions, TemplateInfo,
};

/// Describes a resource to clients.
pub(in crate::mcp) fn resource(info: &ResourceInfo) -> Resource {
    let name = clean::line(&info.name, clean::LONGEST_TITLE);
    let mut resource = Resource::new(info.uri.clone(), name);
    resource.title = titled(info.title.as_deref());
    resource.description = described(info.description.as_deref());
    resource.mime_type = typed(info.mime_type.as_deref());
    resource.size = info.size;
    resource.icons = icons(&info.icons);
    resource
}

/// Describes resources by pattern.
pub(in crate::mcp) fn template(info: &TemplateInfo) -> ResourceTemplate {
    let name = clean::line(&info.name, clean::LONGEST_TITLE);
    let mut template = ResourceTemplate::new(info.uri_template.clone(), name);
    template.title = titled(info.title.as_deref());
    template.description = described(info.description.as_deref());
    template.mime_type = typed(info.mime_type.as_deref());
    template.icons = icons(&info.icons);
    template
}

/// Makes what a resource reads as.
pub(in crate::mcp) fn read(content: ResourceContent) -> ResourceContents {
    embedded(&content.uri, content.mime_type.as_deref(), content.body)
}

/// Describes a prompt to clients, by the name that it is listed with.
pub(in crate::mcp) fn prompt_info(name: String, info: &PromptInfo) -> Prompt {
    let argument = |argument: &model::PromptArgument| {
        let mut shown = PromptArgument::new(argument.name.clone()).with_required(argument.required);
        shown.title = titled(argument.title.as_deref());
        shown.description = described(argument.description.as_deref());
        shown
    };
    let arguments: Vec<_> = info.arguments.iter().map(argument).collect();
    let arguments = (!arguments.is_empty()).then_some(arguments);
    let mut prompt = Prompt::new(name, described(info.description.as_deref()), arguments);
    prompt.title = titled(info.title.as_deref());
    prompt.icons = icons(&info.icons);
    prompt
}

/// Makes a prompt's answer.
pub(in crate::mcp) fn prompt(made: model::Prompt) -> GetPromptResult {
    let message = |message: model::PromptMessage| {
        let role = match message.speaker {
            Speaker::User => Role::User,
            Speaker::Assistant => Role::Assistant,
        };
        PromptMessage::new(role, block(message.content))
    };
    let mut result = GetPromptResult::new(made.messages.into_iter().map(message).collect());
    result.description = described(made.description.as_deref());
    result
}

/// Makes suggestions; the sandbox has cut them to the protocol's bound.
pub(in crate::mcp) fn suggestions(made: Suggestions) -> CompletionInfo {
    let Suggestions {
        mut values,
        total,
        more,
    } = made;
    let cut = values.len() > CompletionInfo::MAX_VALUES;
    values.truncate(CompletionInfo::MAX_VALUES);
    let mut info = CompletionInfo::default();
    info.values = values
        .iter()
        .map(|value| clean::line(value, clean::LONGEST_DESCRIPTION))
        .collect();
    info.total = total;
    info.has_more = Some(more || cut);
    info
}
