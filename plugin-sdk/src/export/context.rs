//! `resources` and `prompts`: what a plugin offers beside its tools.

use super::slot::{Guest, Hosted, NOT_STARTED, with};
use crate::bindings::context::exports::paracle::plugin::{prompts, resources};
use crate::bindings::life_cycle::paracle::plugin::tool_types;
use crate::context::Context;
use crate::offered::{
    ContextError, Given, Prompt, PromptInfo, Prompts, ResourceContent, ResourceInfo, Resources,
    Suggestions, TemplateInfo,
};

/// Runs something on the plugin in the name of a call.
fn on<H: Hosted, R>(
    call: &tool_types::Context,
    act: impl FnOnce(&mut Context<'_, H::Plugin>) -> Result<R, ContextError>,
) -> Result<R, ContextError> {
    with::<H, _>(|plugin| act(&mut Context::new(plugin, call)))
        .unwrap_or_else(|| Err(ContextError::runtime(NOT_STARTED)))
}

impl<H: Hosted<Plugin: Resources>> resources::Guest for Guest<H> {
    fn list_templates() -> Vec<TemplateInfo> {
        H::Plugin::templates()
    }

    fn list_resources(context: tool_types::Context) -> Result<Vec<ResourceInfo>, ContextError> {
        on::<H, _>(&context, H::Plugin::list)
    }

    fn read_resource(
        context: tool_types::Context,
        uri: String,
    ) -> Result<Vec<ResourceContent>, ContextError> {
        on::<H, _>(&context, |cx| H::Plugin::read(cx, &uri))
    }

    fn complete_variable(
        context: tool_types::Context,
        uri_template: String,
        variable: String,
        typed: String,
        others: Vec<Given>,
    ) -> Result<Suggestions, ContextError> {
        on::<H, _>(&context, |cx| {
            H::Plugin::complete_variable(cx, &uri_template, &variable, &typed, &others)
        })
    }
}

impl<H: Hosted<Plugin: Prompts>> prompts::Guest for Guest<H> {
    fn list_prompts() -> Vec<PromptInfo> {
        H::Plugin::prompts()
    }

    fn get_prompt(
        context: tool_types::Context,
        name: String,
        arguments: Vec<Given>,
    ) -> Result<Prompt, ContextError> {
        on::<H, _>(&context, |cx| H::Plugin::get(cx, &name, &arguments))
    }

    fn complete_argument(
        context: tool_types::Context,
        name: String,
        argument: String,
        typed: String,
        others: Vec<Given>,
    ) -> Result<Suggestions, ContextError> {
        on::<H, _>(&context, |cx| {
            H::Plugin::complete_argument(cx, &name, &argument, &typed, &others)
        })
    }
}
