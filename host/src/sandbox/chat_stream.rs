//! A model's answer that comes in chunks, put together.

use wasmtime::Store;

use super::bindings::exports;
use super::bindings::imports::chat::{Chunk, Part, Request, Response};
use super::error::RunError;
use super::instance::failed;
use super::state::State;
use super::{convert, size};
use crate::model::Reply;

/// Asks for an answer in chunks, and takes one after the other: a provider that answers so has no long silence that a
/// server or a deadline between could take for its end.
pub(super) async fn whole(
    store: &mut Store<State>,
    provider: &exports::provider::Guest,
    request: &Request,
) -> Result<Reply, RunError> {
    let begun = provider
        .call_chat_completion_stream(&mut *store, request)
        .await
        .map_err(|error| failed(store, &error))?;
    let stream = match begun {
        Ok(stream) => stream,
        Err(error) => return Ok(Reply::Chat(Err(convert::chat_error_from_wit(error)))),
    };
    let mut content = Vec::new();
    let end = loop {
        let next = provider.chat_stream().call_next(&mut *store, stream).await;
        match next.map_err(|error| failed(store, &error))? {
            Ok(Some(Chunk::Text(text))) => {
                measure(store, text.len())?;
                match content.last_mut() {
                    Some(Part::Text(before)) => before.push_str(&text),
                    _ => content.push(Part::Text(text)),
                }
            }
            Ok(Some(Chunk::Call(call))) => {
                measure(
                    store,
                    call.id.len() + call.name.len() + call.arguments.len(),
                )?;
                content.push(Part::Call(call));
            }
            Ok(Some(Chunk::Done(end))) => break Ok(end),
            Ok(None) => {
                let what = "it ended an answer in chunks without its last one".to_owned();
                return Err(RunError::BadReply { what });
            }
            Err(error) => break Err(error),
        }
    };
    // Closes the connection that the answer came by.
    stream
        .resource_drop_async(&mut *store)
        .await
        .map_err(|error| failed(store, &error))?;
    Ok(Reply::Chat(match end {
        Ok(end) => Ok(convert::response_from_wit(Response {
            content,
            model: request.model.clone(),
            finish_reason: end.finish_reason,
            usage: end.usage,
        })),
        Err(error) => Err(convert::chat_error_from_wit(error)),
    }))
}

/// Counts a chunk, of which there may be no endless number either.
fn measure(store: &Store<State>, size: usize) -> Result<(), RunError> {
    size::check(store.data().account(), size + 1)
}
