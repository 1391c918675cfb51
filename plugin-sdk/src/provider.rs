//! Language models.

use crate::chat::{ChatError, Chunk, ChunkEnd, ModelInfo, Part, Request, Response};
use crate::plugin::Plugin;

/// An answer in the making: the host takes one chunk after the other until [`Chunk::Done`].
pub type Chunks = Box<dyn Iterator<Item = Result<Chunk, ChatError>>>;

/// A plugin that offers language models.
///
/// ```
/// use paracle_plugin_sdk::chat::*;
/// use paracle_plugin_sdk::prelude::*;
/// use paracle_plugin_sdk::provider::Provider;
///
/// /// Says everything again.
/// struct Echo;
///
/// impl Plugin for Echo {
///     const CAPABILITIES: &[Capability] = &[Capability::ChatCompletion];
///     type Config = ();
///
///     fn new((): ()) -> Result<Self, InitError> {
///         Ok(Self)
///     }
/// }
///
/// impl Provider for Echo {
///     fn chat_completion(&mut self, request: Request) -> Result<Response, ChatError> {
///         Ok(Response {
///             content: request.messages.last().map(|m| m.content.clone()).unwrap_or_default(),
///             model: request.model,
///             finish_reason: FinishReason::Stop,
///             usage: Usage::new(0, 0),
///         })
///     }
///
///     fn list_models(&mut self) -> Result<Vec<ModelInfo>, ChatError> {
///         Ok(vec![])
///     }
/// }
///
/// paracle_plugin_sdk::export!(provider: Echo);
/// # fn main() {
/// # let request = Request::new("echo", vec![Message::text(Role::User, "Hi")]);
/// # let chunks: Vec<_> = Echo.chat_completion_stream(request).unwrap().collect();
/// # assert_eq!(chunks[0], Ok(Chunk::Text("Hi".into())));
/// # assert!(matches!(chunks[1], Ok(Chunk::Done(_))));
/// # }
/// ```
pub trait Provider: Plugin {
    /// Answers a conversation.
    fn chat_completion(&mut self, request: Request) -> Result<Response, ChatError>;

    /// Answers in chunks. The default answers whole: a chunk a part.
    fn chat_completion_stream(&mut self, request: Request) -> Result<Chunks, ChatError> {
        Ok(Box::new(whole(self.chat_completion(request)?)))
    }

    /// Lists the models.
    fn list_models(&mut self) -> Result<Vec<ModelInfo>, ChatError>;

    /// Describes one model. The default looks it up in the list.
    fn get_model_info(&mut self, model: &str) -> Result<ModelInfo, ChatError> {
        let found = self
            .list_models()?
            .into_iter()
            .find(|info| info.id == model);
        found.ok_or_else(|| ChatError::UnknownModel(model.to_owned()))
    }
}

/// Turns a whole answer into the chunks of a stream.
fn whole(response: Response) -> impl Iterator<Item = Result<Chunk, ChatError>> {
    let end = ChunkEnd {
        finish_reason: response.finish_reason,
        usage: response.usage,
    };
    let parts = response.content.into_iter().filter_map(|part| match part {
        Part::Text(text) => Some(Chunk::Text(text)),
        Part::Call(call) => Some(Chunk::Call(call)),
        // A stream has no chunk for what models do not write.
        Part::Image(_) | Part::Outcome(_) => None,
    });
    parts.chain([Chunk::Done(end)]).map(Ok)
}
