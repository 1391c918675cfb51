//! What a plugin's functions are called with, one by one, and what becomes of their answers.

use wasmtime::Store;

use super::bindings::{exports, imports};
use super::error::RunError;
use super::instance::{ContextExports, failed};
use super::state::State;
use super::{chat_stream, convert, size};
use crate::model::{Completable, Given, Reply, Request};

/// Resources that a plugin lists, at the most.
const MOST_RESOURCES: usize = 10_000;

type Context = imports::tool_types::Context;

fn done<T>(store: &Store<State>, reply: wasmtime::Result<T>) -> Result<T, RunError> {
    reply.map_err(|error| failed(store, &error))
}

/// Measures an answer before anything is made of it: a small text becomes a large value.
fn measure(store: &Store<State>, size: usize) -> Result<(), RunError> {
    size::check(store.data().account(), size)
}

pub(super) async fn tool(
    store: &mut Store<State>,
    tool: &exports::tool::Guest,
    name: &str,
    context: &Context,
    arguments: &serde_json::Value,
) -> Result<Reply, RunError> {
    let arguments = arguments.to_string();
    let reply = tool
        .call_validate_parameters(&mut *store, name, &arguments)
        .await;
    if let Err(error) = done(store, reply)? {
        return Ok(Reply::Tool(Err(convert::tool_error_from_wit(error))));
    }
    let reply = tool
        .call_execute(&mut *store, name, context, &arguments)
        .await;
    Ok(Reply::Tool(match done(store, reply)? {
        Ok(output) => {
            measure(store, size::output(&output))?;
            Ok(convert::output_from_wit(output).map_err(|what| RunError::BadReply { what })?)
        }
        Err(error) => Err(convert::tool_error_from_wit(error)),
    }))
}

pub(super) async fn chat(
    store: &mut Store<State>,
    provider: &exports::provider::Guest,
    request: Request,
) -> Result<Reply, RunError> {
    let request = convert::request_to_wit(request);
    if request.stream {
        return chat_stream::whole(store, provider, &request).await;
    }
    let reply = provider.call_chat_completion(&mut *store, &request).await;
    let reply = done(store, reply)?;
    if let Ok(said) = &reply {
        measure(store, size::response(said))?;
    }
    Ok(Reply::Chat(
        reply
            .map(convert::response_from_wit)
            .map_err(convert::chat_error_from_wit),
    ))
}

pub(super) async fn models(
    store: &mut Store<State>,
    provider: &exports::provider::Guest,
) -> Result<Reply, RunError> {
    let reply = provider.call_list_models(&mut *store).await;
    let model = convert::model_info_from_wit;
    Ok(Reply::Models(
        done(store, reply)?
            .map(|models| models.into_iter().map(model).collect())
            .map_err(convert::chat_error_from_wit),
    ))
}

pub(super) async fn resources(
    store: &mut Store<State>,
    resources: &exports::resources::Guest,
    context: &Context,
) -> Result<Reply, RunError> {
    let reply = resources.call_list_resources(&mut *store, context).await;
    Ok(Reply::Resources(match done(store, reply)? {
        Ok(listed) => {
            if listed.len() > MOST_RESOURCES {
                return Err(RunError::BadReply {
                    what: format!(
                        "it lists {} resources; {MOST_RESOURCES} are allowed, and a template is for more",
                        listed.len()
                    ),
                });
            }
            measure(store, listed.iter().map(size::resource).sum())?;
            let checked = listed.into_iter().map(convert::resource_from_wit);
            let checked: Result<_, _> = checked.collect();
            Ok(checked.map_err(|what| RunError::BadReply { what })?)
        }
        Err(error) => Err(convert::context_error_from_wit(error)),
    }))
}

pub(super) async fn read(
    store: &mut Store<State>,
    resources: &exports::resources::Guest,
    context: &Context,
    uri: &str,
) -> Result<Reply, RunError> {
    let reply = resources
        .call_read_resource(&mut *store, context, uri)
        .await;
    Ok(Reply::Read(match done(store, reply)? {
        Ok(contents) => {
            measure(store, contents.iter().map(size::resource_content).sum())?;
            let contents = convert::contents_from_wit(contents);
            Ok(contents.map_err(|what| RunError::BadReply { what })?)
        }
        Err(error) => Err(convert::context_error_from_wit(error)),
    }))
}

pub(super) async fn prompt(
    store: &mut Store<State>,
    prompts: &exports::prompts::Guest,
    context: &Context,
    name: &str,
    arguments: Vec<Given>,
) -> Result<Reply, RunError> {
    let arguments = convert::given_to_wit(arguments);
    let reply = prompts
        .call_get_prompt(&mut *store, context, name, &arguments)
        .await;
    Ok(Reply::Prompt(match done(store, reply)? {
        Ok(prompt) => {
            measure(store, size::prompt(&prompt))?;
            Ok(convert::prompt_from_wit(prompt))
        }
        Err(error) => Err(convert::context_error_from_wit(error)),
    }))
}

pub(super) async fn complete(
    store: &mut Store<State>,
    offered: &ContextExports,
    context: &Context,
    of: Completable,
    typed: &str,
    others: Vec<Given>,
) -> Result<Reply, RunError> {
    let others = convert::given_to_wit(others);
    let reply = match of {
        Completable::Prompt { name, argument } => {
            let prompts = &offered.prompts;
            prompts
                .call_complete_argument(&mut *store, context, &name, &argument, typed, &others)
                .await
        }
        Completable::Template {
            uri_template,
            variable,
        } => {
            let resources = &offered.resources;
            resources
                .call_complete_variable(
                    &mut *store,
                    context,
                    &uri_template,
                    &variable,
                    typed,
                    &others,
                )
                .await
        }
    };
    Ok(Reply::Complete(match done(store, reply)? {
        Ok(suggestions) => {
            measure(store, suggestions.values.iter().map(String::len).sum())?;
            Ok(convert::suggestions_from_wit(suggestions))
        }
        Err(error) => Err(convert::context_error_from_wit(error)),
    }))
}
