//! `provider`: models, and answers that the host polls.

use super::slot::{Guest, Hosted, NOT_STARTED, with};
use crate::bindings::provider::exports::paracle::plugin::provider as exported;
use crate::chat::{ChatError, Chunk, ModelInfo, Request, Response};
use crate::provider::{Chunks, Provider};
use std::cell::RefCell;

/// An answer in the making.
pub struct Stream(RefCell<Option<Chunks>>);

impl exported::GuestChatStream for Stream {
    fn next(&self) -> Result<Option<Chunk>, ChatError> {
        let mut chunks = self.0.borrow_mut();
        let next = chunks.as_mut().and_then(Iterator::next).transpose();
        // The contract: nothing comes after the last chunk or an error, whatever the iterator would say.
        if !matches!(next, Ok(Some(Chunk::Text(_) | Chunk::Call(_)))) {
            chunks.take();
        }
        next
    }
}

impl<H: Hosted<Plugin: Provider>> exported::Guest for Guest<H> {
    type ChatStream = Stream;

    fn chat_completion(request: Request) -> Result<Response, ChatError> {
        started::<H, _>(|plugin| plugin.chat_completion(request))
    }

    fn chat_completion_stream(request: Request) -> Result<exported::ChatStream, ChatError> {
        let chunks = started::<H, _>(|plugin| plugin.chat_completion_stream(request))?;
        Ok(exported::ChatStream::new(Stream(RefCell::new(Some(
            chunks,
        )))))
    }

    fn list_models() -> Result<Vec<ModelInfo>, ChatError> {
        started::<H, _>(Provider::list_models)
    }

    fn get_model_info(model: String) -> Result<ModelInfo, ChatError> {
        started::<H, _>(|plugin| plugin.get_model_info(&model))
    }
}

fn started<H: Hosted, R>(
    f: impl FnOnce(&mut H::Plugin) -> Result<R, ChatError>,
) -> Result<R, ChatError> {
    with::<H, _>(f).unwrap_or_else(|| Err(ChatError::InvalidRequest(NOT_STARTED.into())))
}
