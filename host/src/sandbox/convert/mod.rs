//! Between the contract's types and the model's: one file an interface, names only, no decisions.

mod chat;
mod client;
mod context;
mod plugin;
mod text;
mod tool;

pub(super) use chat::{
    chat_error_from_wit, chat_error_to_wit, model_info_from_wit, model_info_to_wit,
    request_from_wit, request_to_wit, response_from_wit, response_to_wit,
};
pub(super) use client::{ability_from_wit, ability_to_wit, questions_from_wit, reply_to_wit};
pub(super) use context::{
    contents_from_wit, context_error_from_wit, given_to_wit, prompt_from_wit, prompt_info_from_wit,
    resource_from_wit, suggestions_from_wit, template_from_wit,
};
pub(super) use plugin::{
    denied_from_wit, denied_to_wit, health_from_wit, plugin_info_from_wit, problems_from_wit,
};
use tool::{content_from_wit, icons_from_wit};
pub(super) use tool::{
    output_from_wit, output_to_wit, tool_error_from_wit, tool_error_to_wit, tool_info_from_wit,
    tool_info_to_wit,
};
